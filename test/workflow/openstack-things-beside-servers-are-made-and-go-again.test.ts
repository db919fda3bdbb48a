// Claim: keys, images, flavors, groups of servers and hosts, users and projects are made as their blueprint says, once whatever
// becomes of the answers, and go again without a trace; a private key is in a file that nobody else may read, and nowhere else.
import { expect } from 'chai'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonObject } from '../../src/kernel/json.ts'
import { topologies } from '../support/openstack/topologies.ts'

const access = '{get_input: access}'
const three = 'cloudify.nodes.openstack'

const topology = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-openstack-plugin]
inputs: {access: {}}
node_templates:
  key: {type: ${three}.KeyPair, properties: {client_config: ${access}, resource_config: {name: shop}}}
  old_key:
    type: cloudify.openstack.nodes.KeyPair
    properties: {openstack_config: ${access}, resource_id: old, keypair: {public_key: ssh-rsa AAAA me@here}}
  group: {type: ${three}.ServerGroup, properties: {client_config: ${access}, resource_config: {name: apart, policies: [anti-affinity]}}}
  flavor:
    type: ${three}.Flavor
    properties:
      client_config: ${access}
      resource_config: {name: shop.large, ram: 2048, disk: 20, vcpus: 2}
      extra_specs: {"hw:cpu_policy": dedicated}
      tenants: [another]
  aggregate:
    type: ${three}.HostAggregate
    properties: {client_config: ${access}, resource_config: {name: fast, availability_zone: nova}, metadata: {ssd: true}, hosts: [fake]}
  local_image:
    type: ${three}.Image
    properties: {client_config: ${access}, resource_config: {name: shop-1, disk_format: qcow2, kwargs: {hw_qemu_guest_agent: "yes"}}, image_url: files/shop.qcow2}
  fetched_image:
    type: ${three}.Image
    properties: {client_config: ${access}, resource_config: {name: shop-2, disk_format: raw}, image_url: "http://images.example.com/shop.raw"}
  kind: {type: ${three}.VolumeType, properties: {client_config: ${access}, resource_config: {name: fast, extra_specs: {volume_backend_name: ssd}}}}
  user: {type: ${three}.User, properties: {client_config: ${access}, resource_config: {name: grace, password: planted-password-of-grace}}}
  team: {type: ${three}.Group, properties: {client_config: ${access}, resource_config: {name: sellers}}}
  role: {type: ${three}.Role, properties: {client_config: ${access}, resource_config: {name: seller}}}
  project:
    type: ${three}.Project
    properties:
      client_config: ${access}
      resource_config: {name: shop}
      users: [{name: grace, roles: [seller]}]
      groups: [{name: sellers, roles: [seller]}]
      quota: {compute: {cores: 40}, volume: {gigabytes: 500}, network: {port: 50}}
    relationships:
      - {type: cloudify.relationships.depends_on, target: user}
      - {type: cloudify.relationships.depends_on, target: team}
      - {type: cloudify.relationships.depends_on, target: role}
  zone: {type: ${three}.Zone, properties: {client_config: ${access}, resource_config: {name: shop.example.com., email: me@example.com, type: PRIMARY}}}
  record:
    type: ${three}.RecordSet
    properties: {client_config: ${access}, resource_config: {name: www.shop.example.com., type: A, records: [192.0.2.7]}}
    relationships: [{type: cloudify.relationships.contained_in, target: zone}]
  net: {type: ${three}.Network, properties: {client_config: ${access}, resource_config: {name: shop}}}
  share_net:
    type: ${three}.NetworkShare
    properties: {client_config: ${access}, resource_config: {name: shop}}
    relationships: [{type: cloudify.relationships.openstack.network_share_connected_to_network, target: net}]
  share:
    type: ${three}.SharedFileSystem
    properties: {client_config: ${access}, resource_config: {name: shop, size: 1, share_proto: NFS}}
    relationships:
      - {type: cloudify.relationships.openstack.share_connected_to_network_share, target: share_net}
      - {type: cloudify.relationships.openstack.share_connected_to_server, target: vm}
  vm: {type: ${three}.Server, properties: {client_config: ${access}, image: cirros, flavor: m1.small}, relationships: [{type: cloudify.relationships.connected_to, target: net}, {type: cloudify.relationships.depends_on, target: subnet}]}
  subnet:
    type: ${three}.Subnet
    properties: {client_config: ${access}, resource_config: {cidr: 10.5.0.0/24}}
    relationships: [{type: cloudify.relationships.contained_in, target: net}]
`

const collections = [
  'keypairs',
  'server_groups',
  'flavors',
  'aggregates',
  'volume_types',
  'users',
  'groups',
  'roles',
  'projects',
  'zones',
  'recordsets',
  'shares',
  'share_networks',
]

describe('OpenStack things beside servers', function () {
  this.timeout(60_000)
  const cloud = topologies()
  beforeEach(() => cloud.deploy(topology, { files: { 'files/shop.qcow2': 'the disk of a shop' } }))
  const counts = (): Record<string, number> => cloud.counts(collections)
  const run = (workflow: string): Promise<void> => cloud.run(workflow)
  const all = (collection: string): JsonObject[] => cloud.all(collection)
  const one = (collection: string, name: string): JsonObject => cloud.one(collection, name)

  it('are made as the blueprint says, and go again', async () => {
    const before = counts()
    await run('install')
    expect(one('keypairs', 'old')).to.include({ public_key: 'ssh-rsa AAAA me@here' })
    expect(one('server_groups', 'apart')).to.include({ policy: 'anti-affinity' })
    expect(one('flavors', 'shop.large')).to.deep.include({
      ram: 2048,
      extra_specs: { 'hw:cpu_policy': 'dedicated' },
      access: ['another'],
      'os-flavor-access:is_public': false,
    })
    expect(one('aggregates', 'fast')).to.deep.include({ hosts: ['fake'], metadata: { ssd: 'true' } })
    expect(cloud.fake.image('shop-1')).to.deep.include({ status: 'active', content: Buffer.from('the disk of a shop') })
    expect(cloud.fake.image('shop-1').properties).to.include({ hw_qemu_guest_agent: 'yes' })
    expect(cloud.fake.image('shop-2').content?.toString()).to.equal('http://images.example.com/shop.raw')
    expect(one('volume_types', 'fast')['extra_specs']).to.deep.equal({ volume_backend_name: 'ssd' })
    expect(one('users', 'grace')['password']).to.equal('planted-password-of-grace')
    const assigned = all('role_assignments').map(({ who, role, project }) => [who, role, project])
    expect(assigned).to.have.deep.members(
      [one('users', 'grace'), one('groups', 'sellers')].map(({ id }) => [
        id,
        one('roles', 'seller')['id'],
        one('projects', 'shop')['id'],
      ]),
    )
    expect(one('recordsets', 'www.shop.example.com.')).to.deep.include({
      records: ['192.0.2.7'],
      zone_id: one('zones', 'shop.example.com.')['id'],
      status: 'ACTIVE',
    })
    expect(one('share_networks', 'shop')['neutron_net_id']).to.equal(one('networks', 'shop')['id'])
    const share = one('shares', 'shop')
    expect(share).to.include({ status: 'available', share_network_id: one('share_networks', 'shop')['id'] })
    expect(share['access']).to.have.nested.property('[0].access_to', '10.5.0.10')
    expect(cloud.fake.state.quotas).to.include({ cores: 40, gigabytes: 500, port: 50 })
    await run('uninstall')
    expect(counts()).to.deep.equal(before)
  })

  it('keep a private key in a file that nobody else may read', async () => {
    await run('install')
    const { private_key_path: path, public_key: shown } = await cloud.known('key')
    const file = String(path)
    expect((await stat(file)).mode & 0o777).to.equal(0o600)
    expect(file.startsWith(join(cloud.test.home, '..'))).to.equal(true)
    const secret = await readFile(file, 'utf8')
    expect(secret).to.match(/^-----BEGIN RSA PRIVATE KEY-----\n/)
    expect(shown).to.equal(one('keypairs', 'shop')['public_key'])
    const line = secret.split('\n')[5] ?? 'none'
    const known = JSON.stringify(await cloud.test.fermata.nodeInstances.list('test'))
    expect(known).not.to.contain(line)
    expect(known).not.to.contain('planted-password-of-grace')
    await run('uninstall')
    expect(await stat(file).catch(() => undefined)).to.equal(undefined)
  })

  for (const trouble of [
    { what: 'whose answer is lost', how: { drop: 'after' } as const },
    { what: 'that breaks after its effect', how: { status: 500, afterEffect: true } },
  ]) {
    it(`are made once, and go, with a call of each kind ${trouble.what}`, async () => {
      const before = counts()
      for (const which of [
        'compute POST /os-keypairs',
        'compute POST /os-server-groups',
        'compute POST /flavors',
        'compute POST /flavors/:id/os-extra_specs',
        'compute POST /os-aggregates',
        'compute POST /os-aggregates/:id/action add_host',
        'image POST /images',
        'image PUT /images/:id/file',
        'image POST /images/:id/import',
        'volume POST /types',
        'identity POST /users',
        'identity POST /groups',
        'identity POST /roles',
        'identity POST /projects',
        'dns POST /zones',
        'dns POST /zones/:zone/recordsets',
        'share POST /shares',
        'share POST /shares/:id/action os-allow_access',
        'share POST /share-networks',
        'compute DELETE /os-keypairs/:id',
        'compute DELETE /os-aggregates/:id',
        'image DELETE /images/:id',
        'identity DELETE /projects/:id',
      ]) {
        cloud.fake.fail(which, trouble.how)
      }
      await run('install')
      expect(cloud.added(collections, before)).to.deep.equal({
        keypairs: 2,
        server_groups: 1,
        flavors: 1,
        aggregates: 1,
        volume_types: 1,
        users: 1,
        groups: 1,
        roles: 1,
        projects: 1,
        zones: 1,
        recordsets: 1,
        shares: 1,
        share_networks: 1,
        images: 2,
        servers: 1,
      })
      await run('uninstall')
      expect(counts()).to.deep.equal(before)
    })
  }
})
