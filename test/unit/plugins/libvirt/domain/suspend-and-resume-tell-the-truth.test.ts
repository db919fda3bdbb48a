// Claim: suspend and resume succeed only when the domain was read back as what it should be, resume leaves as it was what
// was not running, and a pause of the hypervisor's own is not taken for somebody's wish.
import { expect } from 'chai'
import { Fault } from '../../../../../src/kernel/fault.ts'
import { pausedReasons } from '../../../../../src/plugins/libvirt/client/codes.ts'
import { closeSharedHypervisors, hypervisorOf } from '../../../../../src/plugins/libvirt/client/shared-hypervisors.ts'
import { resume, suspend } from '../../../../../src/plugins/libvirt/domain/suspend.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { domainContext, run } from '../../../../support/libvirt/node-on-fake.ts'
import { paused, running, shutOff } from '../../../../support/libvirt/model/states.ts'
import type { TestContext } from '../../../../support/operation-context.ts'

const crashed = 6

describe('suspend and resume tell the truth', () => {
  let libvirtd: FakeLibvirtd
  let ctx: TestContext
  beforeEach(async () => {
    libvirtd = await fakeLibvirtd({ domains: [{ name: 'vm', writer: 2 }] })
    ctx = domainContext(libvirtd, { domain: 'vm' })
  })
  afterEach(async () => {
    await closeSharedHypervisors()
    await ctx.cleanUp()
    await libvirtd.close()
  })

  const vm = () => libvirtd.domain('vm')
  const power = () => suspend.power?.(ctx, {})
  async function refusal(work: Promise<unknown>): Promise<Fault> {
    const outcome = await work.catch((thrown: unknown) => thrown)
    expect(outcome, 'it was accepted').to.be.instanceOf(Fault)
    return outcome as Fault
  }

  it('it stands still, and goes on', async () => {
    expect(await power()).to.equal('running')
    await run(suspend, ctx)
    expect(await power()).to.equal('suspended')
    const { last } = vm().writer
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(vm().writer.last).to.equal(last)
    await run(resume, ctx)
    expect(await power()).to.equal('running')
    expect(vm().state).to.equal(running)
  })

  it('both may be called twice', async () => {
    for (const operation of [suspend, suspend, resume, resume]) await run(operation, ctx)
    expect(vm().state).to.equal(running)
    expect(libvirtd.calls.filter((name) => name === 'DOMAIN_SUSPEND')).to.have.length(1)
  })

  it('its memory goes to disk and comes back, also when it was paused', async () => {
    await run(suspend, ctx, { suspend_mode: 'managedsave' })
    expect(vm().state).to.equal(shutOff)
    expect(await power()).to.equal('suspended')
    await run(suspend, ctx)
    await run(resume, ctx)
    expect(vm().state).to.equal(running)
    await run(suspend, ctx)
    const hypervisor = hypervisorOf(ctx, libvirtd.uri)
    await hypervisor.call('DOMAIN_MANAGED_SAVE', { dom: vm().identity }, { signal: ctx.signal })
    expect(await power()).to.equal('suspended')
    await run(resume, ctx)
    expect(vm().state).to.equal(running)
  })

  it('a mode that does not exist is refused before anything happens', async () => {
    const { code } = await refusal(run(suspend, ctx, { suspend_mode: 'hibernate' }))
    expect(code).to.equal('libvirt.bad_property')
    expect(vm().state).to.equal(running)
  })

  // The original tried ten times, and then said that it had succeeded.
  it('one that does not stay paused is not said to be', async () => {
    libvirtd.faults.when('DOMAIN_SUSPEND', 'after', () => vm().move(running, 1))
    const fault = await refusal(run(suspend, ctx))
    expect([fault.code, fault.effect]).to.deep.equal(['libvirt.not_reached', 'unknown'])
    expect(fault.message).to.equal("domain 'vm' is running and was not suspended within 30.00 s")
  })

  it('one that does not go on is not said to', async () => {
    await run(suspend, ctx)
    libvirtd.faults.when('DOMAIN_RESUME', 'after', () => vm().move(paused, pausedReasons.ioError))
    const { code, message } = await refusal(run(resume, ctx))
    expect(code).to.equal('libvirt.not_reached')
    expect(message).to.contain('paused after an I/O error')
  })

  // To the original whatever did not run was suspended.
  for (const [state, words] of [
    [shutOff, 'shut off'],
    [crashed, 'crashed'],
  ] as const) {
    it(`one that is ${words} is stopped, and can be neither suspended nor resumed`, async () => {
      vm().move(state, 1)
      expect(await power()).to.equal('stopped')
      for (const operation of [suspend, resume]) {
        const { code, message } = await refusal(run(operation, ctx))
        expect(code).to.equal('libvirt.cannot')
        expect(message).to.contain(`it is ${words}`)
      }
    })
  }

  it('one whose memory was not saved, since it ended meanwhile, is not said to be suspended', async () => {
    libvirtd.faults.when('DOMAIN_MANAGED_SAVE', 'after', () => {
      vm().managedSave = undefined
    })
    expect((await refusal(run(suspend, ctx, { suspend_mode: 'managedsave' }))).code).to.equal('libvirt.cannot')
  })

  for (const reason of ['save', 'dump', 'snapshot', 'startingUp'] as const) {
    it(`paused for a moment (${reason}) it is running, and suspend makes sure of more`, async () => {
      vm().move(paused, pausedReasons[reason])
      expect(await power()).to.equal('running')
      await run(suspend, ctx)
      expect(vm().reason).to.equal(pausedReasons.user)
    })
  }

  it('restored paused it is suspended, though its reason is that of a migration', async () => {
    vm().move(paused, pausedReasons.migration)
    expect(await power()).to.equal('suspended')
  })

  it('a lost answer is looked at by the next attempt, which finds it done', async () => {
    libvirtd.faults.drop('DOMAIN_SUSPEND', 'after')
    expect((await refusal(run(suspend, ctx))).effect).to.equal('unknown')
    await run(suspend, ctx)
    expect(vm().state).to.equal(paused)
    expect(libvirtd.calls.filter((name) => name === 'DOMAIN_SUSPEND')).to.have.length(1)
  })

  it('a save whose connection broke goes on, and the next attempt ends when it has', async () => {
    const letGo = libvirtd.hold('save')
    const saving = libvirtd.faults.hold('DOMAIN_MANAGED_SAVE', 'before', { times: 1 })
    const first = refusal(run(suspend, ctx, { suspend_mode: 'managedsave' }))
    await saving.reached
    saving.letGo()
    libvirtd.drop()
    expect((await first).effect).to.equal('unknown')
    const second = run(suspend, ctx, { suspend_mode: 'managedsave' })
    letGo()
    await second
    expect(await power()).to.equal('suspended')
    await run(resume, ctx)
    expect(vm().state).to.equal(running)
  })

  it('an agent that hangs is in nobody’s way', async () => {
    vm().agent = 'hung'
    await run(suspend, ctx)
    await run(resume, ctx)
    expect(vm().state).to.equal(running)
  })

  it('one that is gone is missing, also when another has its name', async () => {
    libvirtd.host.undefine(vm(), 23)
    vm().move(shutOff, 1)
    libvirtd.host.domains.delete(vm().uuid)
    libvirtd.addDomain('vm')
    for (const work of [run(suspend, ctx), run(resume, ctx), suspend.power?.(ctx, {}) ?? Promise.resolve()])
      expect((await refusal(work)).code).to.equal('libvirt.missing')
    expect(vm().state).to.equal(running)
  })

  it('a node that was never created says so', async () => {
    const fresh = domainContext(libvirtd)
    expect((await refusal(run(suspend, fresh))).code).to.equal('libvirt.not_created')
    await fresh.cleanUp()
  })
})
