import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import type { RunOperation } from '../../../../../src/plugins/contract/operation.ts'
import plugin from '../../../../../src/plugins/ssh/plugin.ts'
import { eventually } from '../../../../support/cli.ts'
import { operationContext, type TestContext } from '../../../../support/operation-context.ts'
import { sshHost, sudo, sudoPassword, wordsOf, type SshHost } from '../../../../support/ssh-host.ts'
import { faultOf } from '../../../../support/fault-of.ts'

const operation = plugin.operations['run'] as RunOperation

describe('ssh.run', function () {
  this.timeout(20_000)
  let host: SshHost
  let ctx: TestContext
  let over: AbortController
  let hostile: readonly string[]

  before(async () => {
    host = await sshHost({ programs: { sudo } })
  })
  after(() => host[Symbol.asyncDispose]())
  beforeEach(() => {
    over = new AbortController()
    hostile = [`it's`, `$(touch ${host.folder}/injected)`, '`id`', 'two\nlines', '"; exit 9; "', '-n', '', '*']
    ctx = operationContext({
      node: { properties: host.properties },
      files: {
        'words.sh': `#!/bin/bash\nprintf '%s\\0' "$@"\n`,
        'other.py': '#!/usr/bin/env python3\nprint(1)\n',
      },
      signal: over.signal,
    })
  })
  afterEach(async () => {
    expect(existsSync(`${host.folder}/injected`)).to.equal(false)
    await ctx.cleanUp()
  })

  const run = async (inputs: JsonObject): Promise<JsonObject> => (await operation.run(ctx, inputs)) as JsonObject
  const problemOf = (inputs: JsonObject) => faultOf(run(inputs))

  it('gives the exit code and both streams, and logs them line by line', async () => {
    const result = await run({ command: 'echo one; echo two >&2; exit 3', exit_codes: [0, 3] })
    expect(result).to.deep.equal({ code: 3, stdout: 'one\n', stderr: 'two\n' })
    expect(ctx.lines).to.have.members(['INFO: <out> one', 'INFO: <err> two'])
  })

  it('fails by the exit code, in doubt about what it did, with the last words of the command', async () => {
    const problem = await problemOf({ command: 'echo "the disk is full" >&2; exit 4' })
    expect([problem.code, problem.effect, problem.details['exit_code']]).to.deep.equal([
      'ssh.command_failed',
      'unknown',
      4,
    ])
    expect(problem.message).to.include('the disk is full')
  })

  it('hands hostile words on as they are: arguments, variables, folders, standard input', async () => {
    const words = (text: unknown): string[] => String(text).split('\0').slice(0, -1)
    expect(words((await run({ command: ['printf', '%s\\0'], args: hostile }))['stdout'])).to.deep.equal(hostile)
    expect(words((await run({ script_path: 'words.sh', args: hostile }))['stdout'])).to.deep.equal(hostile)
    const env = Object.fromEntries(hostile.map((word, index) => [`WORD_${index}`, word]))
    const names = hostile.map((_word, index) => `"$WORD_${index}"`).join(' ')
    expect(words((await run({ command: `printf '%s\\0' ${names}`, env }))['stdout'])).to.deep.equal(hostile)
    expect((await run({ command: 'cat', stdin: hostile.join('\n') }))['stdout']).to.equal(hostile.join('\n'))
    const folder = `${host.folder}/${hostile.slice(0, 4).join(' ').replaceAll('/', '|')}`
    await mkdir(folder)
    expect((await run({ command: 'pwd', cwd: folder }))['stdout']).to.equal(`${folder}\n`)
  })

  it('becomes root by sudo with the password of the node, which stands nowhere', async () => {
    const said = 'echo "$BECAME"'
    const secret = { sudo_password: sudoPassword }
    expect((await run({ command: said, sudo: true, host: secret }))['stdout']).to.equal('root\n')
    expect((await run({ command: said, sudo: 'backup', host: secret }))['stdout']).to.equal('backup\n')
    expect((await run({ command: 'cat', sudo: true, host: secret, stdin: 'own' }))['stdout']).to.equal('own')
    const none = await problemOf({ command: said, sudo: true })
    const wrong = await problemOf({ command: said, sudo: true, host: { sudo_password: 'planted-wrong-word' } })
    expect([none.code, wrong.code, wrong.effect]).to.deep.equal(['ssh.no_sudo', 'ssh.no_sudo', 'none'])
    const told = [wordsOf(ctx, none), wordsOf(ctx, wrong), ...host.server.commands].join('\n')
    expect(told).not.to.match(/planted-(?:sudo|wrong)/)
  })

  it('puts no value of its environment and no input into a command line', async () => {
    const begun = host.server.commands.length
    await run({ command: 'true', env: { TOKEN: 'planted-token' }, stdin: 'planted-input' })
    await run({ script_path: 'words.sh', env: { TOKEN: 'planted-token' } })
    const lines = host.server.commands.slice(begun)
    expect(lines).to.have.lengthOf.at.least(2)
    expect(lines.join('\n')).not.to.include('planted')
  })

  it('keeps a bounded piece of what is printed, and says how much more there was', async () => {
    const { stdout } = await run({ command: 'head -c 200000 /dev/zero | tr "\\0" x', log_output: false })
    expect(String(stdout)).to.match(/^x{65536}… \(134464 more bytes\)$/)
    expect(ctx.logs).to.deep.equal([])
    await run({ command: 'seq 20000' })
    expect(ctx.lines.filter((line) => line.startsWith('INFO: <out>'))).to.have.lengthOf(10_000)
    expect(ctx.lines.at(-1)).to.match(/WARNING: .*more than 10000 lines/)
  })

  it('leaves nothing running when it is cancelled or takes too long', async () => {
    const asleep = async (seconds: number): Promise<number> => {
      const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
      const lines = names.map((name) => readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => ''))
      return (await Promise.all(lines)).filter((line) => line === `sleep\0${seconds}\0`).length
    }
    const own = 70_000 + (process.pid % 10_000)
    const late = await problemOf({ command: `sleep ${own} & sleep ${own}`, timeout: 0.5 })
    expect(late.code).to.equal('ssh.timeout')
    expect(await asleep(own)).to.equal(0)
    const work = run({ command: `sleep ${own} & sleep ${own}` }).catch((problem: unknown) => problem)
    await eventually('it runs', async () => (await asleep(own)) === 2)
    over.abort(new Error('cancelled'))
    expect(await work).to.be.instanceOf(Error)
    expect(await asleep(own)).to.equal(0)
  })

  it('refuses what it cannot run before it calls the host', async () => {
    const begun = host.server.commands.length
    for (const [inputs, words] of [
      [{}, 'exactly one of command and script_path'],
      [{ command: 'true', script_path: 'words.sh' }, 'exactly one of'],
      [{ command: 'true', args: ['a'] }, 'args go with'],
      [{ script_path: 'other.py' }, 'script_runner.tasks.run'],
      [{ script_path: 'words.sh', stdin: 'x' }, 'cannot have another one'],
      [{ script_path: 'away.sh' }, 'away.sh'],
      [{ command: 'true', host: { port: 'many' } }, 'expected a number'],
    ] as const)
      expect((await problemOf(inputs)).message).to.include(words)
    expect(host.server.commands.length).to.equal(begun)
  })
})
