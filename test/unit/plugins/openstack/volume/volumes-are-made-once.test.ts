// A volume of a node is made once and deleted by its id; what was there before the deployment stays.
import { expect } from 'chai'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { fakeOpenstack, type FakeOpenstack } from '../../../../support/openstack/fake-openstack.ts'
import { CloudNode } from '../../../../support/openstack/cloud-node.ts'

describe('OpenStack: the life of a volume', () => {
  let cloud: FakeOpenstack
  const nodes: CloudNode[] = []
  beforeEach(async () => {
    cloud = await fakeOpenstack()
  })
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.cleanUp()
    await closeSharedClouds()
    await cloud.close()
  })
  const nodeWith = (resource_config: JsonObject, more: JsonObject = {}): CloudNode => {
    const node = new CloudNode(cloud, { resource_config, ...more })
    nodes.push(node)
    return node
  }

  it('begins when it is available, and ends when it is gone', async () => {
    const node = nodeWith({ name: 'data', size: 2, metadata: { tier: 'gold' } })
    const held = cloud.hold('volume:creating')
    let isDone = false
    const creation = node.call('create').then(() => {
      isDone = true
    })
    await held.reached
    expect(isDone).to.equal(false)
    held.release()
    await creation
    await node.call('start')
    const volume = cloud.volume('data')
    expect(node.runtime).to.include({ id: volume.id, name: 'data', type: 'volume', availability_zone: 'nova' })
    expect(volume).to.include({ size: 2, status: 'available' })
    expect(volume.metadata).to.include({ tier: 'gold', fermata_node: 'examples/data_x1y2z3' })
    await node.call('delete')
    expect([cloud.state.volumes.size, Object.keys(node.runtime).includes('id')]).to.deep.equal([0, false])
    await node.call('delete', { isAgain: true })
  })

  it('begins once, whatever becomes of the answer', async () => {
    for (const trouble of [{ drop: 'after' } as const, { status: 500, afterEffect: true }]) {
      const node = nodeWith({ size: 1 })
      cloud.fail('volume POST /volumes', trouble)
      await node.call('create')
      expect([...cloud.state.volumes.keys()]).to.deep.equal([node.runtime['id']])
      await node.call('delete')
    }
  })

  it('begins with what an image, a snapshot or another volume holds', async () => {
    const origin = cloud.addVolume({ name: 'origin', content: 'one' })
    const snapshot = await new CloudNode(cloud, {}, { id: origin.id }).save('nightly', 'snapshot')
    const sources = [
      [{ size: 1, imageRef: cloud.baseImage.id }, 'new'],
      [{ snapshot_id: snapshot.providerId }, 'one'],
      [{ source_volid: origin.id }, 'one'],
    ] as const
    for (const [resource, content] of sources) {
      const node = nodeWith(resource)
      await node.call('create')
      expect(cloud.volume(String(node.runtime['id'])).content).to.equal(content)
    }
    expect((await faultOf(nodeWith({ name: 'small' }).call('create'))).code).to.equal('openstack.bad_property')
  })

  it('says why it cannot begin', async () => {
    cloud.break('volume:creating', { reason: 'no valid host' })
    const problem = await faultOf(nodeWith({ size: 1 }).call('create'))
    expect([problem.code, problem.effect]).to.deep.equal(['openstack.error_state', 'done'])
    cloud.state.quotas.volumes = 1
    const node = nodeWith({ size: 1 })
    expect((await faultOf(node.call('creation_validation'))).code).to.equal('openstack.quota')
    const refusal = await faultOf(node.call('create'))
    expect([refusal.code, refusal.effect, refusal.blame]).to.deep.equal(['openstack.quota', 'none', 'user'])
  })

  it('leaves an external one as it is, found by its name or its id', async () => {
    const { id } = cloud.addVolume({ name: 'theirs' })
    for (const resource of [{ name: 'theirs' }, { id }]) {
      const node = nodeWith(resource, { use_external_resource: true })
      await node.call('create')
      await node.call('start')
      expect(node.runtime['id']).to.equal(id)
      await node.call('delete')
    }
    expect(cloud.writes).to.deep.equal([])
    cloud.addVolume({ name: 'theirs' })
    const problem = await faultOf(nodeWith({ name: 'theirs' }, { use_external_resource: true }).call('create'))
    expect(problem.code).to.equal('openstack.ambiguous')
  })

  it('does not end while snapshots of it are there, which the original deleted unasked', async () => {
    const node = nodeWith({ name: 'data', size: 1 })
    await node.call('create')
    const part = await node.save('nightly', 'snapshot')
    const problem = await faultOf(node.call('delete'))
    expect([problem.code, problem.effect]).to.deep.equal(['openstack.copy_needed', 'none'])
    expect(problem.message).to.contain(part.providerId)
    expect([cloud.state.volumes.size, cloud.state.snapshots.size]).to.deep.equal([1, 1])
    await node.remove(part)
    await node.call('delete')
    expect(cloud.state.volumes.size).to.equal(0)
  })

  it('is listed with all others', async () => {
    cloud.addVolume({ name: 'one' })
    cloud.addVolume({ name: 'two' })
    const found = await nodeWith({}).call('list_volumes', { inputs: { query: { name: 'two' } } })
    expect((found as JsonObject[]).map(({ name }) => name)).to.deep.equal(['two'])
  })
})
