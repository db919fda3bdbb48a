import { expect } from 'chai'
import { openHypervisor, type Hypervisor } from '../../../../../src/plugins/libvirt/client/hypervisor.ts'
import { closeSharedHypervisors, hypervisorOf } from '../../../../../src/plugins/libvirt/client/shared-hypervisors.ts'
import { Secret } from '../../../../../src/kernel/secret.ts'
import { fakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { scriptedDaemon, signal, someDomain as dom, world } from './scripted-daemon.ts'

const opened = (uri: string): Hypervisor & AsyncDisposable => {
  const hypervisor = openHypervisor({ uri, world })
  return Object.assign(hypervisor, { [Symbol.asyncDispose]: () => hypervisor.close() })
}

describe('libvirt client: a hypervisor', () => {
  it('whose daemon was restarted is reached again by the next call', async () => {
    await using libvirtd = await fakeLibvirtd({ domains: ['vm'] })
    await using hypervisor = opened(libvirtd.uri)
    const find = () => hypervisor.call('DOMAIN_LOOKUP_BY_NAME', { name: 'vm' }, { signal })
    const before = await find()
    await libvirtd.restart()
    expect(await find()).to.deep.equal(before)
    await hypervisor.call('DOMAIN_SUSPEND', before, { signal })
    await libvirtd.restart()
    await hypervisor.urgent.call('DOMAIN_RESUME', before, { signal })
    expect(await hypervisor.call('DOMAIN_GET_STATE', before, { signal })).to.include({ state: 1 })
  })

  it('that is not there is told so, and is reached once it is', async () => {
    await using libvirtd = await fakeLibvirtd({ domains: ['vm'] })
    await libvirtd.stop()
    await using hypervisor = opened(libvirtd.uri)
    const find = (): Promise<unknown> => hypervisor.call('DOMAIN_LOOKUP_BY_NAME', { name: 'vm' }, { signal })
    const problem = await faultOf(find())
    expect(problem).to.include({ code: 'libvirt.unreachable', effect: 'none', retry: 'later', blame: 'network' })
    expect(problem.message).to.contain(libvirtd.uri)
    await libvirtd.listen()
    expect(await find()).to.have.nested.property('dom.name', 'vm')
  })

  it('is asked again when a question was lost, and not when a change was', async () => {
    await using libvirtd = await fakeLibvirtd({ domains: ['vm'] })
    await using hypervisor = opened(libvirtd.uri)
    const vm = await hypervisor.call('DOMAIN_LOOKUP_BY_NAME', { name: 'vm' }, { signal })
    libvirtd.faults.drop('DOMAIN_GET_STATE', 'before')
    expect(await hypervisor.call('DOMAIN_GET_STATE', vm, { signal })).to.include({ state: 1 })
    for (const moment of ['before', 'after'] as const) {
      libvirtd.faults.drop('DOMAIN_SUSPEND', moment)
      const problem = await faultOf(hypervisor.call('DOMAIN_SUSPEND', vm, { signal }))
      expect(problem).to.include({ code: 'libvirt.connection_lost', effect: 'unknown' })
    }
    expect(libvirtd.calls.filter((name) => name === 'DOMAIN_SUSPEND').length).to.equal(2)
    libvirtd.faults.drop('DOMAIN_GET_STATE', 'before', { times: 2 })
    expect(await faultOf(hypervisor.call('DOMAIN_GET_STATE', vm, { signal }))).to.include({
      code: 'libvirt.connection_lost',
      effect: 'none',
    })
  })

  it('answers urgent calls and questions while all that is slow hangs', async () => {
    await using daemon = await scriptedDaemon()
    await using hypervisor = opened(daemon.uri)
    const over = new AbortController()
    const work = Array.from({ length: 30 }, () =>
      hypervisor.call('DOMAIN_FSFREEZE', { dom, mountpoints: [] }, { signal: over.signal }).catch(() => {}),
    )
    // A daemon begins with five workers, and one of them has to be free for the thaw of another guest.
    const busy = (await daemon.call(4)).peer
    const state = hypervisor.call('DOMAIN_GET_STATE', { dom }, { signal })
    ;(await daemon.call(5)).answer({ state: 1, reason: 1 })
    const thaw = hypervisor.urgent.call('DOMAIN_FSTHAW', { dom, mountpoints: [] }, { signal })
    ;(await daemon.call(6)).answer({ filesystems: 1 })
    const urgentState = hypervisor.urgent.call('DOMAIN_GET_STATE', { dom }, { signal })
    ;(await daemon.call(7)).answer({ state: 1, reason: 1 })
    expect(await Promise.all([state, thaw, urgentState])).to.deep.equal([
      { state: 1, reason: 1 },
      { filesystems: 1 },
      { state: 1, reason: 1 },
    ])
    expect(daemon.calls.map(({ peer }) => peer === busy)).to.deep.equal([true, true, true, true, false, false, false])
    expect(new Set(daemon.calls.map(({ peer }) => peer)).size).to.equal(4)
    over.abort()
    await Promise.all(work)
  })

  it('that was warmed has its connections before they are needed', async () => {
    await using daemon = await scriptedDaemon()
    await using hypervisor = opened(daemon.uri)
    await hypervisor.warm({ signal })
    const peers = new Set(daemon.peers)
    expect(peers.size).to.equal(6)
    const work = [hypervisor, hypervisor.urgent].map((calls) => calls.call('DOMAIN_SUSPEND', { dom }, { signal }))
    await daemon.call(2)
    for (const call of daemon.calls) call.answer()
    await Promise.all(work)
    expect(daemon.peers.length).to.equal(peers.size)
  })

  it('tells its versions, and says so when it was closed', async () => {
    await using libvirtd = await fakeLibvirtd()
    const hypervisor = opened(libvirtd.uri)
    expect(await hypervisor.versions({ signal })).to.include({ library: 9_000_000, type: 'QEMU' })
    await hypervisor.close()
    expect(await faultOf(hypervisor.versions({ signal }))).to.include({ code: 'libvirt.unreachable', effect: 'none' })
  })

  it('is shared by all who name it alike, until all are closed', async () => {
    const ctx = { world }
    const access = (password: string) => ({ ssh: { password: new Secret(password) } })
    const one = hypervisorOf(ctx, 'qemu:///system')
    expect(hypervisorOf(ctx, 'qemu:///system')).to.equal(one)
    expect(hypervisorOf(ctx, 'qemu:///session')).to.not.equal(one)
    const far = hypervisorOf(ctx, 'qemu+ssh://host/system', access('a'))
    expect(hypervisorOf(ctx, 'qemu+ssh://host/system', access('a'))).to.equal(far)
    expect(hypervisorOf(ctx, 'qemu+ssh://host/system', access('b'))).to.not.equal(far)
    await closeSharedHypervisors()
    expect(hypervisorOf(ctx, 'qemu:///system')).to.not.equal(one)
    await closeSharedHypervisors()
  })
})
