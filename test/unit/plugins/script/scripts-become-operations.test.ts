// Scripts of several languages run as operations, and how they end becomes a result or a fault.
import { expect } from 'chai'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { operationContext } from '../../../support/operation-context.ts'
import { callScript, runOperation, runShell } from './run-script-operation.ts'

describe('a script as an operation', () => {
  it('prints to the log line by line, marked by stream', async () => {
    const { lines, result } = await runShell('echo one; echo two >&2; printf three')
    expect(lines).to.have.members(['INFO: <out> one', 'INFO: <err> two', 'INFO: <out> three'])
    expect(result).to.equal(null)
  })

  it('is silent where the blueprint asks for it', async () => {
    const { lines } = await runShell(
      'echo one; echo two >&2',
      {},
      { process: { log_stdout: false, log_stderr: false } },
    )
    expect(lines).to.deep.equal([])
  })

  it('counts standard error as output when told to', async () => {
    const { lines } = await runShell('echo two >&2', {}, { process: { stderr_to_stdout: true } })
    expect(lines).to.deep.equal(['INFO: <out> two'])
  })

  it('gives what the script returned', async () => {
    expect((await runShell(`ctx returns @'{"size": [1, null]}'`)).result).to.deep.equal({ size: [1, null] })
    expect((await runShell('ctx returns text')).result).to.equal('text')
  })

  it('fails with command, exit code and the last output', async () => {
    const { fault } = await runShell('echo seen; echo reason >&2; exit 3', {}, { process: { args: ['a b'] } })
    expect(fault?.code).to.equal('script.failed')
    expect(fault?.message).to.equal('command: scripts/main.sh a b, exit_code: 3, stdout: seen, stderr: reason')
    expect([fault?.retry, fault?.effect]).to.deep.equal(['later', 'unknown'])
  })

  it('names the signal that ended the script', async () => {
    expect((await runShell('kill -9 $$')).fault?.message).to.contain('exit_code: SIGKILL')
  })

  it('ends for good when the script aborts, whatever its exit code', async () => {
    for (const code of [0, 7]) {
      const { fault } = await runShell(`ctx abort-operation 'no disk'; exit ${code}`)
      expect([fault?.code, fault?.message, fault?.retry]).to.deep.equal(['script.aborted', 'no disk', 'never'])
    }
  })

  it('asks for another try, after the seconds given as number or text', async () => {
    for (const command of [
      `operation retry 'not yet' @2.5`,
      `operation retry 'not yet' 2.5`,
      `retry-operation 'not yet' 2.5`,
    ]) {
      const { fault } = await runShell(`ctx ${command}; exit 1`)
      expect([fault?.code, fault?.message, fault?.after]).to.deep.equal(['script.retry_asked', 'not yet', 2500])
    }
  })

  it('refuses to return twice', async () => {
    const { fault, lines } = await runShell('ctx returns 1; ctx returns 2')
    expect([fault?.code, fault?.message]).to.deep.equal(['script.aborted', 'ctx may return, abort or retry only once'])
    expect(lines).to.deep.equal(['INFO: <err> ctx: ctx may return, abort or retry only once'])
  })

  it('sees inputs as environment variables, and process.env before them', async () => {
    const script = 'for name in text number flag none dict both; do eval "echo $name=\\$$name"; done'
    const { lines } = await runShell(
      script,
      {},
      {
        text: '$(touch x) "quoted"',
        number: 1.5,
        flag: true,
        none: null,
        dict: { a: [1] },
        both: 'input',
        process: { env: { both: 'process' } },
      },
    )
    expect(lines.map((line) => line.replace('INFO: <out> ', ''))).to.deep.equal([
      'text=$(touch x) "quoted"',
      'number=1.5',
      'flag=true',
      'none=None',
      'dict={"a":[1]}',
      'both=process',
    ])
  })

  it('gets arguments as they are, without a shell in between', async () => {
    const { lines } = await runShell(
      'for word in "$@"; do echo "[$word]"; done',
      {},
      { process: { args: ['a  b', '$HOME;x', 3, true] } },
    )
    expect(lines.join()).to.equal('INFO: <out> [a  b],INFO: <out> [$HOME;x],INFO: <out> [3],INFO: <out> [true]')
  })

  it('runs what the first line, the extension or the prefix names', async () => {
    const files = {
      'by-line':
        '#!/usr/bin/env -S node --disable-warning=ExperimentalWarning\nconsole.log("node", process.argv.length)',
      'by-name.mjs': 'import { argv } from "node:process"\nconsole.log("module", argv.length)',
      'typed.ts': 'const count: number = 2\nconsole.log("typed", count)',
      'plain.txt': 'echo "shell $0" | sed "s|/.*/||"',
    }
    const outputs = []
    for (const [path, process] of [
      ['by-line'],
      ['by-name.mjs'],
      ['typed.ts'],
      ['plain.txt'],
      ['plain.txt', 'cat -n'],
    ]) {
      const { lines } = await runOperation(
        { files },
        { script_path: path ?? '', process: { command_prefix: process ?? null } },
      )
      outputs.push(lines.join().replace('INFO: <out> ', '').replace(/\s+/g, ' '))
    }
    expect(outputs).to.deep.equal([
      'node 2',
      'module 2',
      'typed 2',
      'shell plain.txt',
      ' 1 echo "shell $0" | sed "s|/.*/||"',
    ])
  })

  it('says which program is missing', async () => {
    const files = { 'a.rb': '#!/usr/bin/env no-such-ruby\n' }
    const { fault } = await runOperation({ files }, { script_path: 'a.rb' })
    expect(fault?.code).to.equal('script.no_interpreter')
    expect(fault?.message).to.equal("'no-such-ruby' is not on this machine, but 'a.rb' needs it")
  })

  it('misses python3 only for Python scripts', async () => {
    const process = { env: { PATH: '/nowhere' } }
    const python = await runOperation({ files: { 'a.py': '' } }, { script_path: 'a.py', process })
    expect(python.fault?.code).to.equal('script.no_interpreter')
    expect((await runShell('ctx returns ok', {}, { process })).result).to.equal('ok')
    const inline = await runOperation({}, { script_source: 'import os', process })
    expect(inline.fault?.message, 'taken for a shell script').to.contain('inline-script.sh, exit_code: 127')
  })

  it('never changes the blueprint and leaves no file behind', async () => {
    const folder = operationContext()
    const blueprintFolder = join(folder.folder, 'given')
    mkdirSync(blueprintFolder)
    writeFileSync(join(blueprintFolder, 'a.sh'), 'echo spoilt >> "$0"; dirname "$0"', { mode: 0o444 })
    const { lines } = await runOperation({ blueprintFolder }, { script_path: 'a.sh' })
    const place = lines[0]?.replace('INFO: <out> ', '') ?? ''
    expect(place).to.contain(tmpdir())
    expect(() => statSync(place)).to.throw('ENOENT')
    expect(readFileSync(join(blueprintFolder, 'a.sh'), 'utf8')).not.to.contain('\nspoilt')
    expect(statSync(join(blueprintFolder, 'a.sh')).mode & 0o777).to.equal(0o444)
    expect(readdirSync(blueprintFolder)).to.deep.equal(['a.sh'])
    await folder.cleanUp()
  })

  it('works in the state directory unless told otherwise', async () => {
    const { ctx, lines } = await runShell('pwd')
    expect(lines).to.deep.equal([`INFO: <out> ${ctx.stateDirectory}`])
    expect((await runShell('pwd', {}, { process: { cwd: '/' } })).lines).to.deep.equal(['INFO: <out> /'])
    const { fault } = await runShell('pwd', {}, { process: { cwd: '/no/such' } })
    expect([fault?.code, fault?.message]).to.deep.equal(['script.bad_input', "process.cwd '/no/such' is not a folder"])
  })

  it("keeps the engine's own settings to itself", async () => {
    process.env['FERMATA_DATABASE_URL'] = 'postgres://user:word@host/base'
    try {
      expect((await runShell('env | grep -c FERMATA')).fault?.message).to.contain('stdout: 0')
    } finally {
      delete process.env['FERMATA_DATABASE_URL']
    }
  })

  it('says where it could not be made ready', async () => {
    const before = process.env['TMPDIR']
    const ctx = operationContext({ files: { 'a.sh': '' } })
    process.env['TMPDIR'] = join(ctx.folder, 'none')
    try {
      const thrown = await callScript(ctx, { script_path: 'a.sh' }).catch((error: unknown) => error)
      expect(thrown).to.include({ code: 'script.no_workspace', retry: 'later', effect: 'none' })
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
      await ctx.cleanUp()
    }
  })

  it('does not wait for what a script left running in the background', async () => {
    const { result, lines } = await runShell('tail -f /dev/null & ctx returns $!; echo done')
    const left = Number(result)
    expect(process.kill(left, 0), 'it lives on').to.equal(true)
    process.kill(left, 'SIGKILL')
    expect(lines).to.deep.equal(['INFO: <out> done'])
  })

  it('refuses inputs that it cannot understand', async () => {
    const wrong: [Record<string, never> | object, string][] = [
      [{}, 'expected exactly one of script_path and script_source, as a text'],
      [{ script_path: 'a', script_source: 'b' }, 'expected exactly one of script_path and script_source, as a text'],
      [{ script_path: 'https://example.org/a.sh' }, "script_path 'https://example.org/a.sh' is a URL"],
      [{ script_path: 'a', process: [] }, 'process: must be object'],
      [{ script_path: 'a', process: { args: 'x' } }, 'process.args: must be array'],
      [
        { script_path: 'a', process: { command_prefix: "bash 'x" } },
        "process.command_prefix has an open quote: bash 'x",
      ],
      [{ script_path: 'a', 'a=b': 1 }, "input 'a=b' cannot be an environment variable because of its name"],
      [{ script_path: 'a', x: 'a\0b' }, "input 'x' cannot be an environment variable because of a NUL character"],
    ]
    for (const [inputs, message] of wrong) {
      const { fault } = await runOperation({ files: { a: '' } }, inputs as Record<string, never>)
      expect([fault?.code, fault?.message]).to.deep.equal(['script.bad_input', message])
    }
    const { fault } = await runShell('true', {}, { big: 'x'.repeat(3_000_000) })
    expect(fault?.message).to.match(/^cannot start '.*sh': its inputs and arguments together are larger/)
    expect((await runOperation({}, { script_path: 'none.sh' })).fault?.code).to.equal('script.not_found')
  })

  it('ends with the reason of an abort that came first', async () => {
    const ctx = operationContext({ files: { 'a.sh': 'touch ran' }, signal: AbortSignal.abort('cancelled before') })
    const reason = await callScript(ctx, { script_path: 'a.sh' }).then(
      () => 'no reason',
      (thrown: unknown) => thrown,
    )
    expect(reason).to.equal('cancelled before')
    expect(readdirSync(ctx.stateDirectory)).to.deep.equal([])
    await ctx.cleanUp()
  })
})
