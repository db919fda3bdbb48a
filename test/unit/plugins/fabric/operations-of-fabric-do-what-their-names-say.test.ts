import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import type { JsonObject } from '../../../../src/kernel/json.ts'
import type { DeadmanFinalize, DeadmanHandle } from '../../../../src/plugins/contract/deadman.ts'
import type { RunOperation } from '../../../../src/plugins/contract/operation.ts'
import plugin from '../../../../src/plugins/fabric/plugin.ts'
import { eventually } from '../../../support/cli.ts'
import { operationContext, type TestContext } from '../../../support/operation-context.ts'
import { sshHost, sudo, sudoPassword, wordsOf, type SshHost } from '../../../support/ssh-host.ts'
import { faultOf } from '../../../support/fault-of.ts'

const commandsName = 'fabric_plugin.tasks.run_commands'
const scriptName = 'fabric_plugin.tasks.run_script'
const commands = plugin.operations[commandsName] as RunOperation
const script = plugin.operations[scriptName] as RunOperation
const prepareName = 'cloudify.interfaces.freeze.fs_prepare'
const files = {
  'words.sh': `#!/bin/sh -e\nprintf '%s\\0' "$@" "$WORD" "$(pwd)" "$PREFIXED"\n`,
  'plain.sh': 'echo plain; echo "$0" >"$HOST_FOLDER/place"\n',
  'thaw.sh': `#!/bin/sh\nrm -f "$HOST_FOLDER/frozen"; echo "$1 $WORD" >"$HOST_FOLDER/thawed"\n`,
}

describe('fabric', function () {
  this.timeout(20_000)
  let host: SshHost
  let ctx: TestContext
  let over: AbortController

  before(async () => {
    host = await sshHost({ programs: { sudo } })
  })
  after(() => host[Symbol.asyncDispose]())
  beforeEach(() => {
    over = new AbortController()
    ctx = operationContext({ files, operation: { name: prepareName }, signal: over.signal })
  })
  afterEach(() => ctx.cleanUp())

  const given = (inputs: JsonObject, env: JsonObject = {}): JsonObject => ({
    fabric_env: { ...host.fabricEnv, ...env },
    ...inputs,
  })
  const hostile = (): string[] => [`it's`, `$(touch ${host.folder}/injected)`, '`id`', 'two\nlines', '"; exit 9; "']

  it('runs commands one after the other, and gives what each printed', async () => {
    const lines = ['echo one', 'printf "two\\nlines\\n"; echo aside >&2', `cd /; pwd`, 'pwd | grep -c .']
    expect(await commands.run(ctx, given({ commands: lines }))).to.deep.equal(['one', 'two\nlines', '/', '1'])
    expect(await commands.run(ctx, given({ commands: 'echo alone' }))).to.deep.equal(['alone'])
  })

  it('ends at the first command that fails, unless it is told to go on', async () => {
    const touch = `touch ${host.folder}/later`
    const problem = await faultOf(Promise.resolve(commands.run(ctx, given({ commands: ['exit 3', touch] }))))
    expect([problem.code, existsSync(`${host.folder}/later`)]).to.deep.equal(['ssh.command_failed', false])
    const results = await commands.run(ctx, given({ commands: ['exit 3', 'echo on'], continue_on_error: true }))
    expect(results).to.deep.equal(['', 'on'])
    expect(ctx.lines.filter((line) => line.startsWith('WARNING'))).to.have.lengthOf(1)
  })

  it('becomes root or another user by sudo with the password of its environment, which stands nowhere', async () => {
    const inputs = { commands: ['echo "$BECAME"'], use_sudo: true }
    expect(await commands.run(ctx, given(inputs, { password: sudoPassword }))).to.deep.equal(['root'])
    const other = { sudo_user: 'backup', sudo_password: sudoPassword }
    expect(await commands.run(ctx, given(inputs, other))).to.deep.equal(['backup'])
    const wrong = await faultOf(Promise.resolve(commands.run(ctx, given(inputs, { sudo_password: 'planted-wrong' }))))
    expect(wrong.code).to.equal('ssh.no_sudo')
    expect([wordsOf(ctx, wrong), ...host.server.commands].join('\n')).not.to.include('planted')
  })

  it('runs a script with its arguments, variables, folder and prefix as they are, and leaves nothing of it', async () => {
    const cwd = `${host.folder}/a "b" $(c)`
    await mkdir(cwd)
    const process = { args: hostile(), env: { WORD: '`id`' }, cwd, command_prefix: 'env PREFIXED=yes' }
    const said = String(await script.run(ctx, given({ script_path: 'words.sh', process })))
    expect(said.split('\0').slice(0, -1)).to.deep.equal([...hostile(), '`id`', cwd, 'yes'])
    expect(existsSync(`${host.folder}/injected`)).to.equal(false)
    const plain = { script_path: 'plain.sh', process: { env: { HOST_FOLDER: host.folder } } }
    expect(await script.run(ctx, given(plain))).to.equal('plain')
    expect(existsSync((await readFile(`${host.folder}/place`, 'utf8')).trim())).to.equal(false)
  })

  it('leaves nothing of a script that was given up', async () => {
    const left = async (): Promise<string[]> =>
      (await readdir('/dev/shm').catch(() => [])).filter((name) => name.startsWith('fermata-script.'))
    const before = await left()
    const begun = `${host.folder}/begun`
    const slow = operationContext({ files: { 'slow.sh': `touch ${begun}; sleep 1000\n` }, signal: over.signal })
    const work = Promise.resolve(script.run(slow, given({ script_path: 'slow.sh' }))).catch(
      (problem: unknown) => problem,
    )
    await eventually('it runs', () => existsSync(begun))
    over.abort(new Error('cancelled'))
    expect(await work).to.be.instanceOf(Error)
    await eventually('its folder is gone', async () => (await left()).every((name) => before.includes(name)))
    await slow.cleanUp()
  })

  it('says that it cannot call functions in Python', async () => {
    for (const name of ['run_task', 'run_module_task']) {
      const operation = plugin.operations[`fabric_plugin.tasks.${name}`] as RunOperation
      const problem = await faultOf(Promise.resolve(operation.run(ctx, {})))
      expect([problem.code, problem.message.includes('run_commands or run_script')]).to.deep.equal([
        'ssh.bad_input',
        true,
      ])
    }
  })

  it('leaves on the host what undoes a freeze, and runs it when the lease ends', async () => {
    const frozen = `${host.folder}/frozen`
    const process = { env: { HOST_FOLDER: host.folder, WORD: '$(id)' }, args: [`it's`] }
    const finalizes: readonly (readonly [string, JsonObject])[] = [
      [scriptName, given({ script_path: 'thaw.sh', process })],
      [commandsName, given({ commands: [`rm -f ${frozen}`, `echo "it's" '$(id)' >${host.folder}/thawed`] })],
    ]
    for (const [operation, inputs] of finalizes) {
      const finalize: DeadmanFinalize = { plugin: 'fabric', operation, inputs }
      const request = { token: 'one', lease: 60_000, finalize }
      const handle = ((await commands.deadman?.arm(ctx, request)) ?? {}) as DeadmanHandle
      await commands.run(ctx, given({ commands: [`touch ${frozen}`] }))
      expect(existsSync(frozen)).to.equal(true)
      await commands.deadman?.extend?.(ctx, handle, 100, finalize)
      await eventually('it goes on', () => !existsSync(frozen))
      const { firedAt } = (await commands.deadman?.disarm(ctx, handle, finalize)) ?? {}
      expect(firedAt).to.be.a('number')
      expect(await readFile(`${host.folder}/thawed`, 'utf8')).to.equal(`it's $(id)\n`)
      await ctx.cleanUp()
      ctx = operationContext({ files, operation: { name: prepareName }, signal: over.signal })
    }
  })

  it('has no deadman when fs_finalize is nothing that can be left on the host', async () => {
    for (const finalize of [undefined, { plugin: 'script', operation: 'script_runner.tasks.run', inputs: {} }]) {
      const probe = await commands.deadman?.probe?.(ctx, finalize)
      expect([probe?.kind, typeof probe?.reason]).to.deep.equal(['none', 'string'])
    }
  })
})
