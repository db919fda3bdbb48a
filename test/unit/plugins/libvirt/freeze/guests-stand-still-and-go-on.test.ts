import { expect } from 'chai'
import { asFault, type Fault } from '../../../../../src/kernel/fault.ts'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { deadman, domainNode, operations, type DomainNode } from '../../../../support/libvirt-domain-node.ts'
import { destroy, powerOff, resume, start, suspend } from '../../../../support/libvirt/model/power.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'

const second = 20

describe('guests that are frozen by their agent', () => {
  let libvirtd: FakeLibvirtd
  let node: DomainNode

  beforeEach(async () => {
    libvirtd = await fakeLibvirtd({ domains: [{ name: 'vm', disks: ['vda', 'vdb'] }], second })
    node = domainNode(libvirtd.uri, 'vm')
  })
  afterEach(async () => {
    await node[Symbol.asyncDispose]()
    await libvirtd.close()
  })

  const vm = () => libvirtd.domain('vm')
  const freeze = async (inputs: JsonObject = {}, details = {}): Promise<void> =>
    void (await operations.freeze.freeze(node.context('freeze.fs_prepare', { details }), inputs))
  const thaw = async (): Promise<void> => void (await operations.thaw.thaw(node.context('freeze.fs_finalize'), {}))
  const refusal = (work: Promise<unknown>): Promise<Fault> =>
    work.then(
      () => expect.fail('it went through'),
      (thrown: unknown) => asFault(thrown),
    )
  const calls = (name: string): number => libvirtd.calls.filter((call) => call === name).length

  it('stand still and go on, all of them or those that are named', async () => {
    await freeze()
    expect(vm().guest.frozen).to.have.lengthOf(2)
    await thaw()
    expect(vm().isFrozen).to.equal(false)
    const [mount = ''] = vm().guest.mounts.map(({ mountpoint }) => mountpoint)
    await freeze({ mountpoints: [mount, mount] })
    expect(vm().guest.frozen).to.deep.equal([mount])
    await thaw()
    expect(vm().isFrozen).to.equal(false)
    // The agent's patience is set each time, before anything that may hang for ever.
    const asked = libvirtd.calls.filter((name) => /FSFREEZE|RESPONSE_TIMEOUT/.test(name))
    expect(asked.indexOf('DOMAIN_AGENT_SET_RESPONSE_TIMEOUT')).to.be.below(asked.indexOf('DOMAIN_FSFREEZE'))
    expect(calls('DOMAIN_AGENT_SET_RESPONSE_TIMEOUT')).to.equal(4)
  })

  it('may be thawed once too often', async () => {
    await thaw()
    await freeze()
    await thaw()
    await thaw()
    expect(vm().isFrozen).to.equal(false)
  })

  it('are believed to go on when as many were thawed as stood still, and asked when it was less', async () => {
    await freeze()
    await thaw()
    expect(calls('DOMAIN_AGENT_COMMAND')).to.equal(0)
    await freeze()
    // Somebody was there before us.
    vm().guest.thaw()
    await thaw()
    expect(calls('DOMAIN_AGENT_COMMAND')).to.equal(1)
    expect(vm().isFrozen).to.equal(false)
  })

  it('do not count as frozen when nothing of them is', async () => {
    const none = await refusal(freeze({ mountpoints: ['/nowhere'] }))
    expect([none.code, none.effect]).to.deep.equal(['libvirt.nothing_frozen', 'none'])
    const [mount = ''] = vm().guest.mounts.map(({ mountpoint }) => mountpoint)
    const some = await refusal(freeze({ mountpoints: [mount, '/nowhere'] }))
    expect([some.code, some.effect]).to.deep.equal(['libvirt.nothing_frozen', 'none'])
    expect(vm().isFrozen).to.equal(false)
    await thaw()
  })

  it('are said to have no agent, at once and without effect', async () => {
    vm().agent = 'absent'
    const problem = await refusal(freeze())
    expect([problem.code, problem.effect]).to.deep.equal(['libvirt.no_agent', 'none'])
    // What was never frozen needs no agent to be thawed.
    await thaw()
  })

  it('do not hold anybody up when their agent hangs', async () => {
    vm().agent = 'hung'
    const problem = await refusal(freeze())
    // Nobody can say what it will do once it goes on.
    expect([problem.code, problem.effect]).to.deep.equal(['libvirt.guest_silent', 'unknown'])
    const owed = await refusal(thaw())
    expect(owed.code).to.equal('libvirt.guest_silent')
    vm().agent = 'connected'
    await thaw()
    expect(vm().isFrozen).to.equal(false)
  })

  it('are thawed when it cannot be known whether they were frozen', async () => {
    libvirtd.faults.drop('DOMAIN_FSFREEZE', 'after')
    const problem = await refusal(freeze())
    expect(vm().isFrozen).to.equal(false)
    expect([problem.code, problem.effect]).to.deep.equal(['libvirt.connection_lost', 'none'])
    expect(calls('DOMAIN_FSTHAW')).to.equal(1)
  })

  it('are not frozen while their domain is paused, and say so', async () => {
    suspend(vm())
    const problem = await refusal(freeze())
    expect([problem.code, problem.effect]).to.deep.equal(['libvirt.guest_halted', 'none'])
    await thaw()
  })

  it('need no freeze to be restored while their domain is off or paused', async () => {
    const restore = { bracket: { name: 'restore', purpose: 'replace' } } as const
    const freezeFor = () => operations.freeze.freeze(node.context('freeze.fs_prepare', restore), {})
    const thawFor = () => operations.thaw.thaw(node.context('freeze.fs_finalize', restore), {})
    const none = { kind: 'none', longestHold: null }
    const halts = { paused: () => suspend(vm()), 'shut off': () => destroy(vm()), crashed: () => vm().move(6, 0) }
    for (const [state, halt] of Object.entries(halts)) {
      halt()
      const found = await deadman.probe?.(node.context('freeze.fs_prepare', restore))
      expect(found).to.deep.equal({ ...none, reason: `the domain is ${state}`, isStill: true })
      await freezeFor()
      expect(node.lines.join(), state).to.contain(`The domain is ${state}`)
      await thawFor()
      expect(node.runtimeProperties, state).to.deep.equal({})
    }
    expect(calls('DOMAIN_FSFREEZE')).to.equal(0)
    // The restore lets it go, and its agent may not be there yet.
    destroy(vm())
    start(vm(), 0)
    vm().agent = 'absent'
    await thawFor()
    // One that runs must stand still for a restore as for a backup.
    await deadman.probe?.(node.context('freeze.fs_prepare', restore))
    expect((await refusal(Promise.resolve(freezeFor()))).code).to.equal('libvirt.no_agent')
    vm().agent = 'connected'
    await freezeFor()
    expect(vm().isFrozen).to.equal(true)
    await thawFor()
  })

  it('stand still no more when the restore that had frozen them has turned their domain off', async () => {
    const bracket = { name: 'restore', purpose: 'replace' } as const
    await freeze()
    destroy(vm())
    const details = { attempt: 2, inDoubt: true }
    await operations.freeze.freeze(node.context('freeze.fs_prepare', { bracket, details }), {})
    expect(node.runtimeProperties).to.deep.equal({})
  })

  it('owe a thaw when they were paused after they were frozen', async () => {
    const bracket = { name: 'restore', purpose: 'replace' } as const
    await freeze()
    suspend(vm())
    const again = operations.freeze.freeze(node.context('freeze.fs_prepare', { bracket }), {})
    expect((await refusal(Promise.resolve(again))).effect).to.equal('none')
    expect((await refusal(thaw())).code).to.equal('libvirt.guest_halted')
    resume(vm())
    await thaw()
    expect(vm().isFrozen).to.equal(false)
  })

  it('need no freeze to be backed up once they were shut down in order, unless somebody starts them meanwhile', async () => {
    powerOff(vm())
    const { isStill } = (await deadman.probe?.(node.context('freeze.fs_prepare'))) ?? {}
    expect(isStill).to.equal(true)
    await freeze()
    expect([calls('DOMAIN_FSFREEZE'), node.runtimeProperties]).to.deep.equal([0, {}])
    start(vm(), 0)
    const inputs = { snapshot_name: 'one', snapshot_incremental: true, snapshot_mode: 'external' }
    const cut = async () => operations.snapshotCreate.cut(node.context('snapshot.create'), inputs)
    const problem = await refusal(cut())
    expect([problem.code, problem.effect]).to.deep.equal(['libvirt.cannot_snapshot', 'none'])
    expect(problem.message).to.contain('started it meanwhile')
    await thaw()
    await cut()
  })

  it('are not frozen without a deadman when they were off while one was looked for', async () => {
    powerOff(vm())
    await deadman.probe?.(node.context('freeze.fs_prepare'))
    start(vm(), 0)
    for (const attempt of [1, 2]) {
      const problem = await refusal(freeze({}, { attempt }))
      expect([problem.code, problem.effect]).to.deep.equal(['freeze.not_armed', 'none'])
    }
    expect(vm().isFrozen).to.equal(false)
    await deadman.probe?.(node.context('freeze.fs_prepare'))
    await freeze()
    await thaw()
  })

  it('are not taken to be in order when their domain was only turned off', async () => {
    destroy(vm())
    const { isStill } = (await deadman.probe?.(node.context('freeze.fs_prepare'))) ?? {}
    expect(isStill).to.equal(undefined)
    expect((await refusal(freeze())).code).to.equal('libvirt.guest_halted')
  })

  it('are left running when their own hook refuses', async () => {
    vm().agentProcess.freezeHookFails = true
    const problem = await refusal(freeze())
    expect([problem.code, problem.effect]).to.deep.equal(['libvirt.agent_refused', 'none'])
    expect(problem.message).to.contain('hook')
    expect(vm().isFrozen).to.equal(false)
  })

  it('stay frozen for somebody else who has frozen them', async () => {
    const other = domainNode(libvirtd.uri, 'vm')
    await operations.freeze.freeze(other.context('freeze.fs_prepare'), {})
    const problem = await refusal(freeze())
    expect([problem.code, problem.effect]).to.deep.equal(['libvirt.frozen_already', 'none'])
    expect(vm().isFrozen).to.equal(true)
    await other[Symbol.asyncDispose]()
  })

  it('are frozen anew by an attempt whose first one may have frozen them', async () => {
    await freeze()
    await freeze({}, { attempt: 2, inDoubt: true })
    expect(vm().isFrozen).to.equal(true)
    await thaw()
    expect(vm().isFrozen).to.equal(false)
  })

  it('are brought to order after somebody in the guest has thawed them', async () => {
    await freeze()
    for (const { mountpoint } of vm().guest.mounts) vm().guest.sh(`fsfreeze --unfreeze ${mountpoint}`)
    expect(vm().isFrozen).to.equal(false)
    await thaw()
    // The agent follows commands again.
    await freeze()
    await thaw()
  })

  it('need no thaw once their domain is off, started anew, or gone', async () => {
    await freeze()
    destroy(vm())
    await thaw()
    start(vm(), 0)
    await freeze()
    destroy(vm())
    start(vm(), 0)
    vm().agent = 'absent'
    await thaw()
    vm().agent = 'connected'
    await freeze()
    destroy(vm())
    libvirtd.host.undefine(vm(), 19)
    await thaw()
    expect(node.lines.join()).to.contain('nothing of it stands still')
  })

  it('are owed a thaw while their agent is away', async () => {
    await freeze()
    vm().agent = 'absent'
    expect((await refusal(thaw())).code).to.equal('libvirt.no_agent')
    vm().agent = 'connected'
    await thaw()
    expect(vm().isFrozen).to.equal(false)
  })

  it('are refused a mount point that is no path', async () => {
    expect((await refusal(freeze({ mountpoints: ['data'] }))).code).to.equal('libvirt.bad_property')
    expect(calls('DOMAIN_FSFREEZE')).to.equal(0)
  })
})
