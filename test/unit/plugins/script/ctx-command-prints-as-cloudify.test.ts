// The `ctx` command as scripts use it: what it prints, what it accepts, when it fails.
import { expect } from 'chai'
import { runShell } from './run-script-operation.ts'

const node = {
  properties: {
    text: "it's",
    zero: 0,
    off: false,
    empty: '',
    none: null,
    on: true,
    dict: { a: ["x'", true, null] },
    nil: {},
  },
}

/** What the script printed, all lines in one. */
async function printed(script: string): Promise<string> {
  const { lines } = await runShell(script, { node, secrets: { token: 'hidden' } })
  return lines.map((line) => line.replace(/^INFO: <(?:out|err)> /, '')).join('\n')
}

describe('the ctx command', () => {
  it('prints values as Python does, false ones not at all', async () => {
    const names = ['text', 'zero', 'off', 'empty', 'none', 'on', 'dict', 'nil']
    const script = names.map((name) => `echo "$(ctx node properties ${name})."`).join('\n')
    expect((await printed(script)).split('\n')).to.deep.equal([
      "it's.",
      '.',
      '.',
      '.',
      '.',
      'True.',
      `{'a': ["x'", True, None]}.`,
      '.',
    ])
  })

  it('prints JSON with -j, wherever it stands', async () => {
    expect(await printed('ctx -j node properties zero; ctx node properties dict --json-output')).to.equal(
      `0{"a":["x'",true,null]}`,
    )
  })

  it('reads marked words as JSON, with a mark of choice', async () => {
    const script = `
      ctx instance runtime-properties a @'{"b": 1}'
      ctx instance runtime-properties c @text@example.org --json-arg-prefix=%
      ctx instance runtime-properties d --json-arg-prefix % '%[2]'
      ctx instance runtime-properties e -- -j`
    const { ctx } = await runShell(script)
    expect(ctx.instance.runtimeProperties).to.deep.equal({ a: { b: 1 }, c: '@text@example.org', d: [2], e: '-j' })
  })

  it('fails with a message and exit code 1', async () => {
    const script = (words: string): string => `ctx ${words}; echo "code $?"`
    expect(await printed(script('node properties other'))).to.equal('ctx: illegal path: other\ncode 1')
    expect(await printed(script('abort-operation stop'))).to.equal('stop\ncode 1')
    expect(await printed(script("logger info '@{'"))).to.contain("ctx: '@{' is not JSON after its '@'")
    expect(await printed(script(''))).to.match(/^ctx: say what you want\nusage: [^]*code 1$/)
    expect(await printed(script('-t soon node id'))).to.equal("ctx: -t needs a number of seconds, not 'soon'\ncode 1")
    expect(await printed(script('--socket-url=nowhere node id'))).to.contain("'nowhere' is no address")
    expect(await printed(script('--socket-url http://127.0.0.1:1/ node id'))).to.contain('cannot reach fermata: ')
    expect(await printed(script('--help'))).to.match(/^usage: [^]*code 0$/)
  })

  it('gives up when no answer comes in time', async () => {
    const silent = `node -e '
      const server = require("node:net").createServer().listen(0, "127.0.0.1", () => {
        const url = "http://127.0.0.1:" + server.address().port
        const child = require("node:child_process").spawnSync("ctx", ["-t", "0.05", "--socket-url", url, "node", "id"])
        console.log(child.status, String(child.stderr).trim()); process.exit()
      })'`
    expect(await printed(silent)).to.equal('1 ctx: no answer within 0.05 s')
  })

  it('ends the script at the first failure when ctx-sh is sourced', async () => {
    const { fault, lines } = await runShell('. ctx-sh\nctx node id\nctx node other\necho not reached', {
      node: { id: 'vm' },
    })
    expect(fault?.code).to.equal('script.failed')
    expect(lines.join()).to.contain('<out> vm').and.not.to.contain('not reached')
  })

  it('tells a secret to the script and to nobody who looks at the process list', async () => {
    const script = `value=$(ctx secret get token); [ "$value" = hidden ] && ctx returns known
      tr '\\0' ' ' < /proc/$$/cmdline; ps -ef 2>/dev/null | grep -c '[h]idden'; true`
    const { result, lines } = await runShell(script, { secrets: { token: 'hidden' } }, { password: 'hidden' })
    expect(result).to.equal('known')
    expect(lines.join()).not.to.contain('hidden')
  })

  it('is not there when the blueprint wants no proxy', async () => {
    const { lines } = await runShell(
      'command -v ctx || echo "none ${CTX_SOCKET_URL:-unset}"',
      {},
      {
        process: { ctx_proxy_type: 'none', env: { PATH: '/usr/bin:/bin' } },
      },
    )
    expect(lines).to.deep.equal(['INFO: <out> none unset'])
  })
})
