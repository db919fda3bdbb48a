// Claim: ports, floating addresses and security groups are joined with servers by the relationships of both generations of
// types, in either direction, and are let go of again before anything is deleted; what others hold by then is left with them.
import { expect } from 'chai'
import type { JsonObject } from '../../src/kernel/json.ts'
import { topologies } from '../support/openstack/topologies.ts'

interface Words {
  readonly types: string
  readonly relations: string
  /** The property that names the cloud. */
  readonly cloud: string
  /** What a thing of that kind is to be made of. */
  resource(kind: string): string
}

const generations: Readonly<Record<string, Words>> = {
  'of 3.x': {
    types: 'cloudify.nodes.openstack',
    relations: 'cloudify.relationships.openstack',
    cloud: 'client_config',
    resource: () => 'resource_config',
  },
  'of 2.x': {
    types: 'cloudify.openstack.nodes',
    relations: 'cloudify.openstack',
    cloud: 'openstack_config',
    resource: (kind) => kind,
  },
}

const relationship = (type: string, target: string): string => `\n      - {type: ${type}, target: ${target}}`

function topology({ types, relations, cloud, resource }: Words, isPortFirst: boolean): string {
  const node = (name: string, type: string, properties: string, relationships: readonly string[] = []): string =>
    `  ${name}:\n    type: ${types}.${type}\n    properties: {${cloud}: {get_input: access}${properties === '' ? '' : `, ${properties}`}}` +
    (relationships.length === 0 ? '\n' : `\n    relationships:${relationships.join('')}\n`)
  const contained = relationship('cloudify.relationships.contained_in', 'net')
  const wires = [
    relationship(`${relations}.server_connected_to_floating_ip`, 'address'),
    relationship(`${relations}.server_connected_to_security_group`, 'rules'),
    relationship(`${relations}.server_connected_to_keypair`, 'key'),
  ]
  const port = (name: string, more: readonly string[] = []): string =>
    node(name, 'Port', '', [contained, relationship('cloudify.relationships.depends_on', 'subnet'), ...more])
  return `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-openstack-plugin]
inputs: {access: {}}
node_templates:
${node('net', 'Network', `${resource('network')}: {name: shop}`)}
${node('subnet', 'Subnet', `${resource('subnet')}: {cidr: 10.5.0.0/24, ip_version: 4}`, [contained])}
${node('rules', 'SecurityGroup', `${resource('security_group')}: {name: shop}`)}
${node('address', 'FloatingIP', `${resource('floatingip')}: {floating_network_name: public}`)}
${node('key', 'KeyPair', `${resource('keypair')}: {name: shop, public_key: ssh-rsa AAAA}`)}
${
  isPortFirst
    ? port('port') +
      node('vm', 'Server', `image: cirros, flavor: m1.small, ${resource('server')}: {name: vm}`, [
        relationship(`${relations}.server_connected_to_port`, 'port'),
        ...wires,
      ])
    : port('port', [relationship('cloudify.relationships.openstack.port_connected_to_server', 'vm')]) +
      node(
        'vm',
        'Server',
        `image: cirros, flavor: m1.small, ${resource('server')}: {name: vm, networks: [{uuid: {get_attribute: [net, id]}}]}`,
        [relationship('cloudify.relationships.depends_on', 'subnet'), ...wires],
      )
}
`
}

const collections = ['networks', 'subnets', 'ports', 'security_groups', 'floatingips', 'keypairs']

describe('OpenStack servers of a blueprint', function () {
  this.timeout(60_000)
  const cloud = topologies()
  const counts = (): Record<string, number> => cloud.counts(collections)
  const run = (workflow: string): Promise<void> => cloud.run(workflow)
  const all = (collection: string): JsonObject[] => cloud.all(collection)

  for (const [generation, words] of Object.entries(generations)) {
    for (const isPortFirst of [true, false]) {
      const order = isPortFirst ? 'made with their ports' : 'given a port afterwards'
      it(`${generation} are wired, ${order}, and let go again`, async () => {
        const before = counts()
        await cloud.deploy(topology(words, isPortFirst))
        await run('install')
        const vm = cloud.fake.server('vm')
        expect(vm.status).to.equal('ACTIVE')
        expect(vm.keyName).to.equal('shop')
        const held = all('ports').filter((port) => port['device_id'] === vm.id)
        expect(held).to.have.length(isPortFirst ? 1 : 2)
        const [address] = all('floatingips')
        expect(held.map(({ id }) => id)).to.include(address?.['port_id'])
        const group = cloud.one('security_groups', 'shop')['id']
        for (const port of held.slice(0, 1)) expect(port['security_groups']).to.include(group)
        const known = await cloud.known('vm')
        expect(known['public_ip_address']).to.equal(address?.['floating_ip_address'])
        await run('uninstall')
        expect(counts()).to.deep.equal(before)
      })
    }
  }

  it('do not end what leads an address to another by now', async () => {
    const [words] = Object.values(generations)
    await cloud.deploy(topology(words as Words, true))
    await run('install')
    const other = cloud.fake.addThing('ports', {
      id: 'port-of-another',
      name: 'other',
      device_id: 'another',
      fixed_ips: [],
    })
    const [address] = [...cloud.fake.state.things('floatingips').values()]
    Object.assign(address as object, { port_id: other.id })
    const calls = cloud.fake.count('network PUT /floatingips/:id')
    await run('uninstall')
    expect(cloud.fake.count('network PUT /floatingips/:id')).to.equal(calls)
  })

  it('are not given an address that leads to another', async () => {
    const [words] = Object.values(generations)
    await cloud.deploy(topology(words as Words, true))
    const taken = cloud.fake.addThing('ports', {
      id: 'port-of-another',
      name: 'other',
      device_id: 'another',
      fixed_ips: [],
    })
    const hold = cloud.fake.hold('server:spawning')
    const running = cloud.test.run('install', {}, { taskRetries: 0 })
    await hold.reached
    const [address] = [...cloud.fake.state.things('floatingips').values()]
    Object.assign(address as object, { port_id: taken.id })
    hold.release()
    const found = await running
    expect(found?.status).to.equal('failed')
    expect(found?.error?.message ?? '').to.match(/leads to port port-of-another already/)
    expect(cloud.fake.state.things('floatingips').get(String(address?.id))?.['port_id']).to.equal(taken.id)
  })
})
