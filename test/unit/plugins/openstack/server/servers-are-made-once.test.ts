// The life of a server: made once whatever becomes of the answer, over when it runs, turned off and deleted by its id; what
// was there before stays as it is.
import { expect } from 'chai'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { CloudNode } from '../../../../support/openstack/cloud-node.ts'
import { fakeOpenstack, type FakeOpenstack } from '../../../../support/openstack/fake-openstack.ts'

describe('OpenStack: the life of a server', () => {
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
  function nodeOf(properties: JsonObject, runtime = {}): CloudNode {
    const node = new CloudNode(cloud, properties, runtime, 'Server')
    nodes.push(node)
    return node
  }
  const web = { name: 'web', image_id: 'cirros', flavor_id: 'm1.small' }
  const made = (more: JsonObject = {}) => nodeOf({ resource_config: { ...web, ...more } })

  it('is made of names or ids, and runs when it is created', async () => {
    for (const [image, flavor] of [
      ['cirros', 'm1.small'],
      [cloud.baseImage.id, 'small'],
    ]) {
      const node = nodeOf({ resource_config: { ...web, image_id: image ?? '', flavor_id: flavor ?? '' } })
      await node.call('create')
      const server = cloud.server('web')
      expect([server.status, server.imageId, server.flavorId]).to.deep.equal(['ACTIVE', cloud.baseImage.id, 'small'])
      expect(node.runtime).to.include({ id: server.id, name: 'web', type: 'server' })
      await node.call('delete')
      expect([cloud.state.servers.size, node.runtime['id']]).to.deep.equal([0, undefined])
    }
  })

  it('takes all that the blueprint says, in the words of either generation', async () => {
    const node = made({
      metadata: { role: 'front', size: 3 },
      user_data: 'echo hello',
      availability_zone: 'nova',
      security_groups: ['default', { name: 'web' }],
      kwargs: { description: 'the shop', tags: ['shop'] },
      networks: 'none',
    })
    await node.call('create')
    const server = cloud.server('web')
    expect(server.metadata).to.include({ role: 'front', size: '3' })
    expect(Buffer.from(server.userData ?? '', 'base64').toString()).to.equal('echo hello')
    expect([server.securityGroups, server.description, server.tags]).to.deep.equal([
      ['default', 'web'],
      'the shop',
      ['shop'],
    ])
    expect(JSON.stringify([node.runtime, node.lines])).to.not.match(/echo hello|ZWNobyBoZWxsbw|generated-by-nova/)
  })

  it('is one server although answers were lost', async () => {
    for (const trouble of [{ drop: 'after' } as const, { status: 500, afterEffect: true }]) {
      cloud.fail('compute POST /servers', trouble)
      const node = made()
      await node.call('create')
      await node.call('create', { isAgain: true })
      expect(cloud.state.servers.size).to.equal(1)
      await node.call('delete')
    }
  })

  it('tells why it did not come up, and can be deleted', async () => {
    cloud.break('server:spawning', { reason: 'no valid host was found' })
    const node = made()
    const problem = await faultOf(node.call('create'))
    expect([problem.code, problem.effect]).to.deep.equal(['openstack.error_state', 'done'])
    expect(problem.message).to.include('no valid host was found')
    await node.call('stop')
    await node.call('delete')
    expect(cloud.state.servers.size).to.equal(0)
  })

  it('is refused for what the cloud does not have, and nothing is made', async () => {
    for (const [config, code] of [
      [{ ...web, image_id: 'none' }, 'openstack.missing'],
      [{ ...web, flavor_id: 'none' }, 'openstack.missing'],
      [{ name: 'web', flavor_id: 'small' }, 'openstack.bad_property'],
    ] as const) {
      const node = nodeOf({ resource_config: config })
      expect((await faultOf(node.call('creation_validation'))).code).to.equal(code)
      expect((await faultOf(node.call('create'))).code).to.equal(code)
    }
    cloud.addImage('twin', 'one')
    cloud.addImage('twin', 'two')
    expect((await faultOf(nodeOf({ resource_config: { ...web, image_id: 'twin' } }).call('create'))).code).to.equal(
      'openstack.ambiguous',
    )
    cloud.state.quotas.instances = 0
    expect((await faultOf(made().call('creation_validation'))).code).to.equal('openstack.quota')
    expect(cloud.writes).to.deep.equal([])
  })

  it('uses one that was there by its name or id, and leaves it when the deployment goes', async () => {
    const there = cloud.addServer({ name: 'there.1' })
    cloud.addServer({ name: 'therex1' })
    for (const named of [{ id: there.id }, { name: 'there.1' }]) {
      const node = nodeOf({ use_external_resource: true, resource_config: named })
      await node.call('creation_validation')
      await node.call('create')
      expect(node.runtime['id']).to.equal(there.id)
      for (const name of ['stop', 'delete']) await node.call(name)
      expect([there.status, cloud.writes.length]).to.deep.equal(['ACTIVE', 0])
    }
    const two = cloud.addServer({ name: 'there.1' })
    const node = nodeOf({ use_external_resource: true, resource_config: { name: 'there.1' } })
    const problem = await faultOf(node.call('create'))
    expect(problem.code).to.equal('openstack.ambiguous')
    expect(problem.message + JSON.stringify(problem.details)).to.include(two.id)
  })

  it('is made when an external one is missing and may be made, and is ours then', async () => {
    const node = nodeOf({ use_external_resource: true, create_if_missing: true, resource_config: web })
    await node.call('create')
    expect(cloud.server('web').status).to.equal('ACTIVE')
    await node.call('delete')
    expect(cloud.state.servers.size).to.equal(0)
  })

  it('is stopped and started from whatever it does, and is over when it was read back', async () => {
    const node = made()
    await node.call('create')
    const server = cloud.server('web')
    for (const before of ['suspend', 'start', 'stop']) {
      await node.call(before)
      await node.call('stop')
      expect(server.status).to.equal('SHUTOFF')
      await node.call('start')
      expect(server.isRunning).to.equal(true)
    }
  })

  it('is rebooted softly or hard, and started when it is off', async () => {
    const node = made()
    await node.call('create')
    const server = cloud.server('web')
    for (const type of ['soft', 'hard']) {
      const boots = server.boots
      await node.call('reboot', { inputs: { reboot_type: type } })
      expect([server.status, server.boots]).to.deep.equal(['ACTIVE', boots + 1])
    }
    await node.call('stop')
    await node.call('reboot')
    expect(server.status).to.equal('ACTIVE')
    expect((await faultOf(node.call('reboot', { inputs: { reboot_type: 'gentle' } }))).code).to.equal(
      'openstack.bad_property',
    )
  })

  it('is changed where it can be, and listed', async () => {
    const node = made()
    await node.call('create')
    await node.call('update', { inputs: { args: { name: 'shop', metadata: { role: 'front' } } } })
    expect(cloud.server('shop').metadata['role']).to.equal('front')
    expect(node.runtime['name']).to.equal('shop')
    expect((await faultOf(node.call('update', { inputs: { args: { flavor: 'large' } } }))).code).to.equal(
      'openstack.bad_property',
    )
    const listed = (await node.call('list_servers')) as readonly JsonObject[]
    expect(listed.map(({ name }) => name)).to.deep.equal(['shop'])
  })

  it('keeps its addresses where blueprints read them', async () => {
    cloud.addThing('networks', { id: 'inside', name: 'inside', 'router:external': false })
    cloud.addThing('subnets', { id: 'subnet', network_id: 'inside', cidr: '10.0.0.0/24', ip_version: 4 })
    cloud.addThing('subnets', { id: 'six', network_id: 'inside', cidr: 'fd00::/64', ip_version: 6 })
    const node = made({ networks: [{ uuid: 'inside' }] })
    await node.call('create')
    await node.call('configure')
    expect(node.runtime).to.deep.include({
      ip: '10.0.0.10',
      ipv4_address: '10.0.0.10',
      ipv4_addresses: ['10.0.0.10'],
      networks: { inside: ['10.0.0.10'] },
    })
  })
})
