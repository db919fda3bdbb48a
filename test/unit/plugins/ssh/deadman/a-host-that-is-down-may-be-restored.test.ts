// Claim: a host that is down stands in the way of a backup, and not in the way of putting state back. Only silence is
// down: whoever refuses is up, behind a gateway that is silent itself nobody is down, and who was frozen must be thawed.
import { expect } from 'chai'
import type { Json, JsonObject } from '../../../../../src/kernel/json.ts'
import type { FreezeOperation, RunOperation, ThawOperation } from '../../../../../src/plugins/contract/operation.ts'
import fabric from '../../../../../src/plugins/fabric/plugin.ts'
import ssh from '../../../../../src/plugins/ssh/plugin.ts'
import { operationContext, type TestContext } from '../../../../support/operation-context.ts'
import { sshHost, type SshHost } from '../../../../support/ssh-host.ts'
import { faultOf } from '../../../../support/fault-of.ts'

const freeze = ssh.operations['freeze'] as FreezeOperation
const thaw = ssh.operations['thaw'] as ThawOperation
const commands = fabric.operations['fabric_plugin.tasks.run_commands'] as RunOperation
const names = {
  prepare: 'cloudify.interfaces.freeze.fs_prepare',
  finalize: 'cloudify.interfaces.freeze.fs_finalize',
}

describe('ssh: a host that is down', function () {
  this.timeout(20_000)
  let gateway: SshHost
  let contexts: TestContext[]
  let runtimeProperties: Record<string, Json>
  let forward: () => Promise<void>
  let onGateway: () => void

  beforeEach(async () => {
    contexts = []
    runtimeProperties = {}
    // A packet that nobody takes.
    forward = () => new Promise<void>(() => {})
    onGateway = () => {}
    gateway = await sshHost({
      forward: () => forward(),
      exec: () => {
        onGateway()
        return false
      },
    })
  })

  afterEach(async () => {
    for (const ctx of contexts) await ctx.cleanUp()
    await gateway[Symbol.asyncDispose]()
  })

  const during = (purpose: 'save' | 'replace', name: keyof typeof names, execution = 'one'): TestContext => {
    const properties: JsonObject = {
      ...gateway.properties,
      ip: '127.0.0.1',
      port: 9,
      jumps: [gateway.properties],
      connect_timeout: 0.2,
      mountpoints: ['/srv/db'],
    }
    const ctx = operationContext({
      node: { properties },
      instance: { runtimeProperties },
      operation: { name: names[name] },
      execution: { id: execution },
      bracket: { name: purpose, purpose },
    })
    contexts.push(ctx)
    return ctx
  }

  it('needs no deadman, no freeze and no thaw while state is put back, and each says so', async () => {
    const probe = await freeze.deadman?.probe?.(during('replace', 'prepare'))
    expect(probe?.kind).to.equal('none')
    expect(probe?.reason).to.match(/cannot reach someone@127\.0\.0\.1:9: no answer within 0\.2 s/)
    for (const [operation, call] of [
      ['ssh', async (ctx: TestContext) => freeze.freeze(ctx, {})],
      ['fabric', async (ctx: TestContext) => commands.run(ctx, { commands: ['false'] })],
    ] as const) {
      const prepare = during('replace', 'prepare')
      await call(prepare)
      expect(prepare.lines.join('\n'), operation).to.match(/WARNING: cannot reach .* taken to be down/)
      await thaw.thaw(during('replace', 'finalize'), {})
    }
  })

  it('cannot be frozen for a backup', async () => {
    const probe = await faultOf(Promise.resolve(freeze.deadman?.probe?.(during('save', 'prepare'))))
    const frozen = await faultOf(Promise.resolve(freeze.freeze(during('save', 'prepare'), {})))
    expect([probe.code, frozen.code]).to.deep.equal(['ssh.unreachable', 'ssh.unreachable'])
  })

  it('is not down when it refuses', async () => {
    forward = () => Promise.resolve()
    const frozen = await faultOf(Promise.resolve(freeze.freeze(during('replace', 'prepare'), {})))
    expect([frozen.code, frozen.message]).to.satisfy(
      ([code, text]: string[]) => code === 'ssh.unreachable' && text?.includes('says:'),
    )
  })

  it('is not known to be down when its gateway has gone silent, too', async () => {
    onGateway = () => gateway.server.drop()
    const frozen = await faultOf(Promise.resolve(freeze.freeze(during('replace', 'prepare'), {})))
    expect(frozen.code).to.equal('ssh.unreachable')
  })

  it('has to be thawed when nobody took it for down before the same execution put state back', async () => {
    await freeze.freeze(during('replace', 'prepare', 'earlier'), {})
    const thawed = await faultOf(Promise.resolve(thaw.thaw(during('replace', 'finalize', 'later'), {})))
    expect(thawed.code).to.equal('ssh.unreachable')
  })
})
