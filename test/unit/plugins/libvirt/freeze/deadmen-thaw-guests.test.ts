import { expect } from 'chai'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { asFault } from '../../../../../src/kernel/fault.ts'
import type { DeadmanHandle } from '../../../../../src/plugins/contract/deadman.ts'
import { runtimeFolder } from '../../../../../src/plugins/guard/record-file.ts'
import { deadman, domainNode, operations, type DomainNode } from '../../../../support/libvirt-domain-node.ts'
import { destroy, start, suspend } from '../../../../support/libvirt/model/power.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'

const tolerance = 2000

describe('deadmen of domains', function () {
  this.timeout(30_000)
  let libvirtd: FakeLibvirtd
  let node: DomainNode

  beforeEach(async () => {
    libvirtd = await fakeLibvirtd({ domains: [{ name: 'vm', disks: ['vda', 'vdb'] }] })
    node = domainNode(libvirtd.uri, 'vm')
  })
  afterEach(async () => {
    await node[Symbol.asyncDispose]()
    await libvirtd.close()
  })

  const vm = () => libvirtd.domain('vm')
  const prepare = () => node.context('freeze.fs_prepare')
  const freeze = () => operations.freeze.freeze(prepare(), {})
  const thaw = () => operations.thaw.thaw(node.context('freeze.fs_finalize'), {})
  const forbid = (...commands: readonly string[]): void => {
    for (const command of commands) vm().agentProcess.blocked.add(command)
  }

  async function arm(lease: number, maximum = lease): Promise<DeadmanHandle> {
    return deadman.arm(prepare(), { token: 't', lease, ...(maximum > lease ? { maximum } : {}) })
  }

  /** How long it stood still. */
  async function untilThawed(since: number): Promise<number> {
    while (vm().isFrozen) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      if (performance.now() - since > 15_000) throw new Error('nobody thaws it')
    }
    return performance.now() - since
  }

  it('live in the guest where its agent may start programs', async () => {
    expect(await deadman.probe?.(prepare())).to.deep.equal({ kind: 'guest', longestHold: null, reason: null })
    const lease = 2000
    const since = performance.now()
    const handle = await arm(lease)
    expect(handle['kind']).to.equal('libvirt-guest')
    await freeze()
    expect(vm().isFrozen).to.equal(true)
    // From here on neither the daemon nor the agent is there.
    await libvirtd.stop()
    vm().agent = 'hung'
    expect(await untilThawed(since)).to.be.within(lease - 50, lease + tolerance)
    await libvirtd.listen()
    vm().agent = 'connected'
    await thaw()
    const { firedAt } = await deadman.disarm(prepare(), handle)
    expect(Math.abs((firedAt ?? 0) - (Date.now() - (performance.now() - since) + lease))).to.be.below(1500)
    expect(node.lines.join()).to.contain('the deadman in the guest thawed it')
  })

  it('leave no trace in a guest that was thawed in time', async () => {
    const handle = await arm(60_000)
    await freeze()
    await thaw()
    expect(await deadman.disarm(prepare(), handle)).to.deep.equal({ firedAt: null })
    expect(await deadman.disarm(prepare(), handle), 'twice').to.deep.equal({ firedAt: null })
    const { output } = vm().guest.sh('cd /dev/shm && find fermata-* -mindepth 1')
    expect(output.trim()).to.equal('')
  })

  it('are ended though the agent believes in the freeze that they have thawed', async () => {
    const handle = await arm(2000)
    await freeze()
    await untilThawed(performance.now())
    const { firedAt } = await deadman.disarm(prepare(), handle)
    expect(firedAt).to.be.a('number')
  })

  it('leave a freeze alone that somebody else began after theirs', async () => {
    const handle = await arm(60_000)
    await freeze()
    await thaw()
    const other = domainNode(libvirtd.uri, 'vm')
    await operations.freeze.freeze(other.context('freeze.fs_prepare'), {})
    const asked = (nth: number) => libvirtd.faults.hold('DOMAIN_AGENT_COMMAND', 'before', { nth })
    // It is refused, looks, and asks once more.
    const again = asked(3)
    const disarmed = deadman.disarm(prepare(), handle)
    await again.reached
    expect(vm().isFrozen).to.equal(true)
    expect(libvirtd.calls.filter((name) => name === 'DOMAIN_FSTHAW')).to.have.length(1)
    again.letGo()
    await operations.thaw.thaw(other.context('freeze.fs_finalize'), {})
    expect(await disarmed).to.deep.equal({ firedAt: null })
    await other[Symbol.asyncDispose]()
  })

  it('give a guest no more time than it has, for it hears nothing', async () => {
    const handle = await arm(60_000, 120_000)
    await freeze()
    const problem = asFault(await deadman.extend?.(prepare(), handle, 60_000).catch((thrown: unknown) => thrown))
    expect([problem.code, problem.effect]).to.deep.equal(['freeze.not_armed', 'none'])
    await thaw()
    await deadman.disarm(prepare(), handle)
  })

  it('are gone with the memory of a guest that was started anew', async () => {
    const handle = await arm(60_000)
    await freeze()
    destroy(vm())
    start(vm(), 0)
    vm().agent = 'absent'
    expect(await deadman.disarm(prepare(), handle)).to.deep.equal({ firedAt: null })
  })

  it('sit beside the socket where the agent may start nothing', async () => {
    forbid('guest-exec')
    const probe = await deadman.probe?.(prepare())
    expect([probe?.kind, probe?.reason]).to.deep.equal(['host', 'the agent in the guest does not follow guest-exec'])
    const lease = 3000
    const since = performance.now()
    const handle = await arm(lease)
    await freeze()
    libvirtd.drop()
    expect(await untilThawed(since)).to.be.within(lease - 50, lease + tolerance)
    await thaw()
    const { firedAt } = await deadman.disarm(prepare(), handle)
    expect(firedAt).to.be.a('number')
    const folder = runtimeFolder(process.env) ?? ''
    expect(readdirSync(folder).filter((name) => join(folder, name) === handle['record'])).to.deep.equal([])
  })

  it('beside the socket can be given more time, and are dismissed', async () => {
    forbid('guest-exec')
    const lease = 3000
    const handle = await arm(lease, 60_000)
    await freeze()
    const later = await deadman.extend?.(prepare(), handle, 30_000)
    await new Promise((resolve) => setTimeout(resolve, lease))
    expect(vm().isFrozen).to.equal(true)
    await thaw()
    expect(await deadman.disarm(prepare(), later ?? handle)).to.deep.equal({ firedAt: null })
  })

  it('sit beside the socket of an emulated guest, unless they are asked into it', async () => {
    const emulating = await fakeLibvirtd({ domains: [{ name: 'slow', type: 'qemu' }] })
    const probe = async (properties: JsonObject, uri = emulating.uri, name = 'slow') => {
      await using one = domainNode(uri, name, properties)
      return await deadman.probe?.(one.context('freeze.fs_prepare'))
    }
    expect(await probe({})).to.include({ kind: 'host' })
    expect((await probe({}))?.reason).to.contain('emulated')
    expect(emulating.calls, 'nothing is started in it').not.to.include('DOMAIN_AGENT_COMMAND')
    expect(await probe({ deadman: 'guest' })).to.include({ kind: 'guest', reason: null })
    expect(await probe({ deadman: 'host' }, libvirtd.uri, 'vm')).to.include({ kind: 'host' })
    emulating.domain('slow').agentProcess.blocked.add('guest-exec')
    expect((await probe({ deadman: 'guest' }))?.reason).to.contain('guest-exec')
    const problem = asFault(await probe({ deadman: 'nowhere' }).catch((thrown: unknown) => thrown))
    expect(problem.code).to.equal('libvirt.bad_property')
    await emulating.close()
  })

  it('are none where nobody could thaw it, with the reason', async () => {
    suspend(vm())
    const probe = await deadman.probe?.(prepare())
    expect([probe?.kind, probe?.reason]).to.deep.equal(['none', 'the domain is paused'])
  })

  it('are not there for a hypervisor elsewhere that only its socket is known of', async () => {
    const far = await fakeLibvirtd({ domains: ['vm'], tcp: true })
    far.domain('vm').agentProcess.blocked.add('guest-exec')
    const remote = domainNode(`qemu+tcp://127.0.0.1:${far.tcpPort}/system`, 'vm')
    const probe = await deadman.probe?.(remote.context('freeze.fs_prepare'))
    expect(probe?.kind).to.equal('none')
    expect(probe?.reason).to.contain('another machine')
    const problem = asFault(
      await deadman
        .arm(remote.context('freeze.fs_prepare'), { token: 't', lease: 1000 })
        .catch((thrown: unknown) => thrown),
    )
    expect(problem.code).to.equal('freeze.not_armed')
    await remote[Symbol.asyncDispose]()
    await far.close()
  })

  it('too late for a freeze that took longer than the lease take it back', async () => {
    const handle = await arm(400)
    vm().agentProcess.freezeHookTakes = 900
    const problem = asFault(await freeze().catch((thrown: unknown) => thrown))
    expect(problem.code).to.be.oneOf(['freeze.refused', 'libvirt.guest_silent'])
    vm().agentProcess.freezeHookTakes = 0
    await thaw()
    expect(vm().isFrozen).to.equal(false)
    await deadman.disarm(prepare(), handle)
  })
})
