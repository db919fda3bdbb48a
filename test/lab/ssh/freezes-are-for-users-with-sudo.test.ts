// Claim: whoever may become root by sudo, with a password or without one, can have a host frozen: the deadman then is
// root's, and thaws when nobody else does. Who may not is told before anything stands still.
import { expect } from 'chai'
import { stat } from 'node:fs/promises'
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { DeadmanHandle } from '../../../src/plugins/contract/deadman.ts'
import type { FreezeOperation, ThawOperation } from '../../../src/plugins/contract/operation.ts'
import plugin from '../../../src/plugins/ssh/plugin.ts'
import { operationContext, type TestContext } from '../../../src/testing/operation-context.ts'
import { eventually } from '../../support/cli.ts'
import { labHost, labMount, onLabHost, type LabMount } from '../../support/ssh-lab.ts'

const number = 10
const freeze = plugin.operations['freeze'] as FreezeOperation
const thaw = plugin.operations['thaw'] as ThawOperation
const password = 'lab-password'

describe('lab: a freeze by a user with sudo', function () {
  this.timeout(90_000)
  let mount: LabMount
  let ctx: TestContext

  before(async () => {
    mount = await labMount(number)
  })
  afterEach(async () => {
    await onLabHost(number, `fsfreeze -u ${mount.path} 2>/dev/null; true`)
    await ctx.cleanUp()
  })
  after(async () => {
    await mount[Symbol.asyncDispose]()
    await plugin.close?.()
  })

  const by = (properties: JsonObject): TestContext => {
    ctx = operationContext({
      node: { properties: { ...labHost(number), sudo: true, mountpoints: [mount.path], ...properties } },
      operation: { name: 'cloudify.interfaces.freeze.fs_prepare' },
    })
    return ctx
  }
  const arm = async (lease: number): Promise<DeadmanHandle> =>
    (await freeze.deadman?.arm(ctx, { token: 'one', lease })) ?? {}

  for (const [kind, properties] of [
    ['with a password', { user: 'lab', sudo_password: password }],
    ['without one', { user: 'free' }],
  ] as const) {
    it(`stands still and goes on, ${kind}`, async () => {
      by(properties)
      expect((await freeze.deadman?.probe?.(ctx))?.kind).to.equal('guest')
      const handle = await arm(60_000)
      // The hosts of the lab share the memory of the machine.
      expect((await stat(String(handle['folder']))).uid).to.equal(0)
      await freeze.freeze(ctx, {})
      expect(await mount.isFrozen()).to.equal(true)
      await thaw.thaw(ctx, {})
      expect(await mount.isFrozen()).to.equal(false)
      expect(await freeze.deadman?.disarm(ctx, handle)).to.deep.equal({ firedAt: null })
    })

    it(`goes on by itself when the lease ends, ${kind}`, async () => {
      by(properties)
      const handle = await arm(60_000)
      await freeze.freeze(ctx, {})
      expect(await mount.isFrozen()).to.equal(true)
      await freeze.deadman?.extend?.(ctx, handle, 500)
      await eventually('it goes on', async () => !(await mount.isFrozen()))
      const { firedAt } = (await freeze.deadman?.disarm(ctx, handle)) ?? {}
      expect(firedAt).to.be.closeTo(Date.now(), 15_000)
      expect(JSON.stringify([ctx.logs, handle])).not.to.include(password)
    })
  }

  it('is refused without the password, or with a wrong one, before anything stands still', async () => {
    for (const given of [{}, { sudo_password: 'planted-wrong' }]) {
      by({ user: 'lab', ...given })
      const thrown = await freeze.deadman
        ?.arm(ctx, { token: 'one', lease: 60_000 })
        .catch((problem: unknown) => problem)
      expect(thrown).to.include({ code: 'ssh.no_sudo', effect: 'none' })
      expect(JSON.stringify([thrown, ctx.logs])).not.to.include('planted')
      expect(await mount.isFrozen()).to.equal(false)
      await ctx.cleanUp()
    }
  })
})
