import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { RunOperation } from '../../../src/plugins/contract/operation.ts'
import fabric from '../../../src/plugins/fabric/plugin.ts'
import ssh from '../../../src/plugins/ssh/plugin.ts'
import terminal from '../../../src/plugins/terminal/plugin.ts'
import { operationContext, type TestContext } from '../../../src/testing/operation-context.ts'
import { labHost, labMount, labState, onLabHost, type LabMount } from '../../support/ssh-lab.ts'

const number = 9
const commands = fabric.operations['fabric_plugin.tasks.run_commands'] as RunOperation
const script = fabric.operations['fabric_plugin.tasks.run_script'] as RunOperation
const run = ssh.operations['run'] as RunOperation
const prepareName = 'cloudify.interfaces.freeze.fs_prepare'

/** As a blueprint for cloudify-fabric-plugin says it: the node has no property of ours. */
const fabricEnv: JsonObject = {
  host_string: `root@10.254.1.${number}:22`,
  key_filename: `${labState}/keys/host`,
  known_hosts: [`${labState}/known_hosts`],
}

describe("a user's own commands over SSH", function () {
  this.timeout(60_000)
  let mount: LabMount
  let ctx: TestContext

  before(async () => {
    mount = await labMount(number)
  })
  beforeEach(() => {
    const { jumps } = labHost(number)
    ctx = operationContext({
      node: { properties: { jumps: jumps ?? null } },
      operation: { name: prepareName },
      files: {
        'thaw.sh': `#!/bin/sh -e\necho "$WORD" >/tmp/fermata-thawed-$1\nfsfreeze -u ${mount.path}\n`,
        'print.py': `#!/usr/bin/env python3\nimport sys, os\nprint(sys.argv[1:], os.environ['WORD'])\n`,
      },
    })
  })
  afterEach(async () => {
    await onLabHost(number, `fsfreeze -u ${mount.path} 2>/dev/null; rm -f /tmp/fermata-thawed-*; true`)
    await ctx.cleanUp()
  })
  after(async () => {
    await mount[Symbol.asyncDispose]()
    await ssh.close?.()
  })

  const prepare = (): Promise<unknown> =>
    Promise.resolve(commands.run(ctx, { fabric_env: fabricEnv, commands: [`fsfreeze -f ${mount.path}`] }))

  it('are undone on the host by the node’s own fs_finalize when the lease ends', async () => {
    const inputs = { fabric_env: fabricEnv, commands: [`fsfreeze -u ${mount.path}`] }
    const finalize = { plugin: 'fabric', operation: 'fabric_plugin.tasks.run_commands', inputs }
    const handle = await commands.deadman?.arm(ctx, { token: 'one', lease: 3000, finalize })
    await prepare()
    expect(await mount.isFrozen()).to.equal(true)
    await sleep(4000)
    expect(await mount.isFrozen()).to.equal(false)
    const { firedAt } = (await commands.deadman?.disarm(ctx, handle ?? {})) ?? {}
    expect(firedAt).to.be.closeTo(Date.now(), 8000)
  })

  it('are undone by a script of the blueprint, which gets its arguments and variables as they are', async () => {
    const process = { env: { WORD: `it's $(id) "x"` }, args: ['a b'] }
    const inputs = { fabric_env: fabricEnv, script_path: 'thaw.sh', process }
    const finalize = { plugin: 'fabric', operation: 'fabric_plugin.tasks.run_script', inputs }
    const handle = await commands.deadman?.arm(ctx, { token: 'one', lease: 3000, finalize })
    await prepare()
    await sleep(4000)
    expect(await mount.isFrozen()).to.equal(false)
    expect(await onLabHost(number, "cat '/tmp/fermata-thawed-a b'")).to.equal(`it's $(id) "x"\n`)
    await commands.deadman?.disarm(ctx, handle ?? {})
  })

  it('are undone also when they were typed into a terminal', async () => {
    const auth = {
      ip: `10.254.1.${number}`,
      user: 'root',
      key_content: await readFile(`${labState}/keys/host`, 'utf8'),
    }
    const typed = (action: string): JsonObject => ({ terminal_auth: auth, calls: [{ action }] })
    const pinned = {
      jumps: labHost(number).jumps ?? null,
      known_hosts: [`${labState}/known_hosts`],
      terminal_auth: auth,
    }
    const place = operationContext({ node: { properties: pinned }, operation: { name: prepareName } })
    const dialogue = terminal.operations['cloudify_terminal.tasks.run'] as RunOperation
    const inputs = typed(`fsfreeze -u ${mount.path}`)
    const finalize = { plugin: 'terminal', operation: 'cloudify_terminal.tasks.run', inputs }
    const handle = await dialogue.deadman?.arm(place, { token: 'one', lease: 3000, finalize })
    await dialogue.run(place, typed(`fsfreeze -f ${mount.path}`))
    expect(await mount.isFrozen()).to.equal(true)
    await sleep(4000)
    expect(await mount.isFrozen()).to.equal(false)
    const { firedAt } = (await dialogue.deadman?.disarm(place, handle ?? {})) ?? {}
    expect(firedAt).to.be.closeTo(Date.now(), 8000)
    await place.cleanUp()
  })

  it('do not freeze when the deadman has fired before', async () => {
    const inputs = { fabric_env: fabricEnv, commands: [`fsfreeze -u ${mount.path} || true`] }
    const finalize = { plugin: 'fabric', operation: 'fabric_plugin.tasks.run_commands', inputs }
    const handle = await commands.deadman?.arm(ctx, { token: 'one', lease: 100, finalize })
    await sleep(1500)
    const thrown = await prepare().catch((problem: { code?: string }) => problem.code)
    expect(thrown).to.equal('freeze.not_armed')
    expect(await mount.isFrozen()).to.equal(false)
    await commands.deadman?.disarm(ctx, handle ?? {})
  })

  it('leave nothing of a script on the host, and take hostile words as words', async () => {
    const given = { fabric_env: fabricEnv, script_path: 'print.py' }
    const hostile = [`it's`, '$(touch /tmp/fermata-injected)', 'line\nbreak', '"; id; "']
    const result = await script.run(ctx, { ...given, process: { args: hostile, env: { WORD: '`id`' } } })
    expect(result).to.equal(`["it's", '$(touch /tmp/fermata-injected)', 'line\\nbreak', '"; id; "'] \`id\``)
    expect(await onLabHost(number, 'ls -d /tmp/fermata-injected /dev/shm/fermata-script.* 2>/dev/null; true')).to.equal(
      '',
    )
  })

  it('show no secret in the process list of the host, in a log, or in the fault', async () => {
    const secret = 'planted-4711-secret'
    const command = 'sleep 3; test -n "$TOKEN"; exit 3'
    const running = Promise.resolve(
      run.run(ctx, { command, env: { TOKEN: secret }, host: { ...labHost(number) } as JsonObject }),
    ).catch((problem: unknown) => problem)
    const list = "sleep 1; cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'plante[d]-4711'; true"
    expect((await onLabHost(number, list)).trim()).to.equal('0')
    const thrown = await running
    expect(thrown).to.have.property('code', 'ssh.command_failed')
    expect(JSON.stringify([thrown, ctx.logs])).to.not.contain(secret)
  })
})
