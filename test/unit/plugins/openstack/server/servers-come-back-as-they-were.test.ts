// A server is put back to what a copy of it holds: all of it, with its addresses, doing what it did before; and when that
// fails, it still does what it did before, and everything that belongs to it hangs on it.
import { expect } from 'chai'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import type { ServerCopy } from '../../../../../src/plugins/openstack/server/copy.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { fakeOpenstack, type FakeOpenstack } from '../../../../support/openstack/fake-openstack.ts'
import type { FakeServer } from '../../../../support/openstack/model/server.ts'
import { addPort, ownPort } from '../../../../support/openstack/services/nova/ports.ts'
import { serverNode, type CloudNode } from '../../../../support/openstack/cloud-node.ts'

describe('OpenStack: putting a server back', () => {
  let cloud: FakeOpenstack
  let nodes: CloudNode[]
  beforeEach(async () => {
    cloud = await fakeOpenstack()
    nodes = []
  })
  afterEach(async () => {
    for (const node of nodes) await node.cleanUp()
    await closeSharedClouds()
    await cloud.close()
  })

  function made(isFromVolume: boolean): { server: FakeServer; node: CloudNode } {
    const volumes = [
      { name: 'data', content: 'data' },
      { name: 'logs', content: 'logs' },
    ]
    const server = cloud.addServer({ name: 'web', isFromVolume, content: 'root', volumes })
    const node = serverNode(cloud, server.id)
    nodes.push(node)
    return { server, node }
  }
  const before = { vda: 'root', vdb: 'data', vdc: 'logs' }
  function changeAll(): void {
    for (const device of ['vda', 'vdb', 'vdc']) cloud.server('web').write('changed', device)
  }

  for (const isFromVolume of [false, true])
    for (const kind of ['snapshot', 'backup'] as const)
      for (const status of ['ACTIVE', 'SHUTOFF', 'SUSPENDED', 'PAUSED'] as const)
        it(`does what it did: ${status}, ${kind}${isFromVolume ? ', on volumes' : ''}`, async () => {
          const { server, node } = made(isFromVolume)
          const part = await node.save('nightly', kind)
          changeAll()
          const action = { SHUTOFF: 'stop', SUSPENDED: 'suspend', PAUSED: 'suspend', ACTIVE: undefined }[status]
          const mode = status === 'PAUSED' ? { inputs: { suspend_mode: 'pause' } } : {}
          if (action !== undefined) await node.call(action, mode)
          await node.apply(part)
          const now = cloud.server('web')
          expect([now.status, now.contents]).to.deep.equal([status, before])
          expect(now.id === server.id).to.equal(!isFromVolume)
          expect(node.runtime['id']).to.equal(now.id)
          expect([...cloud.state.servers.values()].filter(({ name }) => name === 'web')).to.have.length(1)
          // What it was told to remember it has forgotten.
          expect(Object.keys(node.runtime).filter((name) => name.startsWith('restore_'))).to.deep.equal([])
        })

  it('is stopped by an uninstall after a restore', async () => {
    const { node } = made(false)
    const part = await node.save('nightly', 'snapshot')
    await node.apply(part)
    await node.call('stop')
    expect(cloud.server('web').status).to.equal('SHUTOFF')
    await node.call('delete')
    expect([...cloud.state.servers.values()]).to.deep.equal([])
  })

  it('puts back another copy after one was put back', async () => {
    const { node } = made(false)
    const first = await node.save('first', 'snapshot')
    changeAll()
    const second = await node.save('second', 'snapshot')
    await node.apply(first, { work: 'apply first' })
    expect(cloud.server('web').contents).to.deep.equal(before)
    await node.apply(second, { work: 'apply second' })
    expect(cloud.server('web').contents).to.deep.equal({ vda: 'changed', vdb: 'changed', vdc: 'changed' })
  })

  it('does not start the server before the rebuild is over', async () => {
    const { node } = made(false)
    const part = await node.save('nightly', 'snapshot')
    const held = cloud.hold('server:rebuild_block_device_mapping')
    const applied = node.apply(part)
    await held.reached
    expect(cloud.count(/os-start/)).to.equal(0)
    held.release()
    await applied
    expect(cloud.server('web').isRunning).to.equal(true)
  })

  it('touches nothing when a piece of the copy is gone', async () => {
    const { server, node } = made(false)
    const part = await node.save('nightly', 'snapshot')
    const [{ id }] = cloud.state.snapshots.values() as unknown as [{ id: string }]
    cloud.state.snapshots.delete(id)
    changeAll()
    const from = cloud.writes.length
    const problem = await faultOf(node.apply(part))
    expect([problem.code, cloud.writes.length]).to.deep.equal(['openstack.copy_damaged', from])
    expect(server.boots).to.equal(1)
  })

  it('is started again when its rebuild is refused', async () => {
    const { server, node } = made(false)
    const part = await node.save('nightly', 'snapshot')
    cloud.fail(/rebuild/, { status: 403 })
    await faultOf(node.apply(part))
    expect([server.status, server.contents]).to.deep.equal(['ACTIVE', before])
  })

  it('is started again when somebody cancels, with its volumes', async () => {
    const { server, node } = made(false)
    const part = await node.save('nightly', 'backup')
    const controller = new AbortController()
    const held = cloud.hold('backup:restoring')
    const applied = node.apply(part, { signal: controller.signal }).then(
      () => 'it ended well',
      (thrown: unknown) => (thrown as Error).message,
    )
    await held.reached
    controller.abort(new Error('enough'))
    held.release()
    expect(await applied).to.not.equal('it ended well')
    expect(server.status).to.equal('ACTIVE')
    expect(Object.keys(server.contents)).to.have.members(['vda', 'vdb', 'vdc'])
  })

  it('remembers over its death what the server did', async () => {
    const { server, node } = made(false)
    const part = await node.save('nightly', 'snapshot')
    changeAll()
    // As an attempt leaves it that was killed after its stop.
    node.runtime['restore_power'] = { power: 'ACTIVE' }
    Object.assign(server, { vmState: 'stopped', powerState: 4 })
    await node.apply(part, { isAgain: true })
    expect([server.status, server.contents]).to.deep.equal(['ACTIVE', before])
  })

  for (const isFromVolume of [false, true])
    for (const areVolumesGone of [false, true])
      it(`is made anew when it is gone${isFromVolume ? ', on volumes' : ''}${areVolumesGone ? ', with its volumes' : ''}`, async () => {
        const { server, node } = made(isFromVolume)
        const networks = [{ id: 'inside', name: 'inside', 'router:external': false }]
        for (const one of networks) cloud.addThing('networks', one)
        cloud.addThing('subnets', { id: 'subnet', network_id: 'inside', cidr: '10.0.0.0/24', ip_version: 4 })
        const nova = ownPort(cloud.state, server, 'inside', '10.0.0.77')
        const given = ownPort(cloud.state, server, 'inside', '10.0.0.78')
        server.ownPorts.delete(given.id)
        for (const port of [nova, given]) addPort(server, port)
        const part = await node.save('weekly', 'backup')
        changeAll()
        await deleteServer(server)
        if (areVolumesGone) for (const id of cloud.state.volumes.keys()) cloud.state.volumes.delete(id)
        await node.apply(part)
        await node.apply(part, { isAgain: true })
        const now = cloud.server('web')
        expect([now.status, now.contents]).to.deep.equal(['ACTIVE', before])
        expect(node.runtime['id']).to.equal(now.id)
        const ports = now.ports.map((id) => cloud.state.things('ports').get(id))
        expect(ports[1]?.id).to.equal(given.id)
        expect(ports.map((port) => JSON.stringify(port?.['fixed_ips']))).to.satisfy((all: readonly string[]) =>
          ['10.0.0.77', '10.0.0.78'].every((address, index) => all[index]?.includes(address)),
        )
        expect([...cloud.state.servers.values()]).to.have.length(1)
        const names = [...cloud.state.volumes.values()].map(({ name }) => name)
        expect(names).to.have.members([...(isFromVolume ? ['web-root'] : []), 'data', 'logs'])
      })

  async function deleteServer(server: FakeServer): Promise<void> {
    const one = serverNode(cloud, server.id)
    nodes.push(one)
    await one.call('delete')
    expect(cloud.state.servers.has(server.id)).to.equal(false)
  }

  describe('that boots from a volume', () => {
    function withPorts(server: FakeServer): readonly string[] {
      const { state } = cloud
      const network = { id: 'inside', name: 'inside', 'router:external': false }
      const subnet = { id: 'subnet', network_id: 'inside', cidr: '10.0.0.0/24', ip_version: 4 }
      cloud.addThing('networks', network)
      cloud.addThing('subnets', subnet)
      const ports = [ownPort(state, server, 'inside'), ownPort(state, server, 'inside')]
      for (const port of ports) {
        Object.assign(port, { device_id: server.id, device_owner: 'compute:nova' })
        server.ports.push(port.id)
      }
      return ports.map(({ id }) => id)
    }
    const portsOf = () =>
      [...cloud.state.things('ports').values()].map(({ id, device_id: device, mac_address: mac, fixed_ips: ips }) => ({
        id,
        device,
        mac,
        ips,
      }))

    it('keeps name, ports, addresses, key pair, metadata, tags and group, also of ports that Nova made', async () => {
      const { server, node } = made(true)
      const ports = withPorts(server)
      Object.assign(server, { keyName: 'ada', tags: ['shop'], description: 'the shop', userData: 'c2VjcmV0IHdvcmRz' })
      server.metadata['role'] = 'front'
      cloud.state.things('keypairs').set('ada', { id: 'ada', name: 'ada' })
      const [addresses, part] = [portsOf(), await node.save('nightly', 'snapshot')]
      changeAll()
      await node.apply(part)
      const now = cloud.server('web')
      expect(now.id).to.not.equal(server.id)
      expect(now.ports).to.deep.equal(ports)
      expect(portsOf()).to.deep.equal(addresses.map((one) => ({ ...one, device: now.id })))
      expect(now).to.include({ keyName: 'ada', description: 'the shop', flavorId: server.flavorId })
      expect([now.tags, now.metadata['role']]).to.deep.equal([['shop'], 'front'])
      expect(JSON.stringify(node.runtime)).to.not.include('c2VjcmV0IHdvcmRz')
      expect(JSON.stringify(part)).to.not.include('c2VjcmV0IHdvcmRz')
    })

    it('is not deleted before its replacement runs', async () => {
      const { server, node } = made(true)
      const part = await node.save('nightly', 'snapshot')
      const held = cloud.hold('server:spawning')
      const applied = node.apply(part)
      await held.reached
      expect([server.status, cloud.count('compute DELETE /servers/:id')]).to.deep.equal(['SHUTOFF', 0])
      held.release()
      await applied
      expect(cloud.state.servers.has(server.id)).to.equal(false)
    })

    it('is there as before when its replacement does not come up', async () => {
      const { server, node } = made(true)
      const ports = withPorts(server)
      const part = await node.save('nightly', 'snapshot')
      cloud.break('server:spawning', { reason: 'no valid host' })
      const problem = await faultOf(node.apply(part))
      expect(problem.message).to.include('no valid host')
      await cloud.idle()
      expect([...cloud.state.servers.keys()]).to.deep.equal([server.id])
      expect([server.status, server.contents, server.ports]).to.deep.equal(['ACTIVE', before, ports])
      expect([...cloud.state.volumes.values()].map(({ name }) => name)).to.have.members(['web-root', 'data', 'logs'])
      expect(Object.keys(node.runtime).filter((name) => name.startsWith('restore_'))).to.deep.equal([])
      await node.apply(part, { work: 'another try' })
      expect(cloud.server('web').contents).to.deep.equal(before)
      expect(cloud.server('web').ports).to.deep.equal(ports)
    })

    it('keeps what it booted from for as long as copies rest on it, and no longer', async () => {
      const { server, node } = made(true)
      const old = server.rootVolume?.id ?? ''
      const part = await node.save('nightly', 'snapshot')
      await node.apply(part)
      expect(cloud.state.volumes.has(old)).to.equal(true)
      await node.remove(part)
      expect(cloud.state.volumes.has(old)).to.equal(false)
      expect(cloud.state.snapshots.size).to.equal(0)
    })

    it('is deleted with nothing left of what it booted from', async () => {
      const { server, node } = made(true)
      const old = server.rootVolume?.id ?? ''
      const part = await node.save('weekly', 'backup')
      await node.apply(part)
      expect(cloud.state.volumes.has(old)).to.equal(false)
    })

    it('goes on with the replacement of an attempt that died when that was made', async () => {
      const { node } = made(true)
      const part = (await node.save('nightly', 'snapshot')) as unknown as ServerCopy
      changeAll()
      const controller = new AbortController()
      const held = cloud.hold('server:spawning')
      const died = faultOf(node.apply(part as never, { signal: controller.signal }))
      await held.reached
      // Nothing that it would put back reaches the cloud, as if it were dead.
      cloud.fail(/./, { drop: 'before', times: 100_000 })
      controller.abort(new Error('dead'))
      await died.catch(() => undefined)
      cloud.clearFailures()
      held.release()
      await node.apply(part as never, { isAgain: true })
      const servers = [...cloud.state.servers.values()]
      expect(servers.map(({ status, contents }) => [status, contents])).to.deep.equal([['ACTIVE', before]])
    })
  })
})
