// Claim: blueprints as users of cloudify-gcp-plugin write them are installed, backed up with their defaults, restored and gone
// again, on a project that is left as it was.
import { expect } from 'chai'
import { testFermata } from '../../src/testing/test-fermata.ts'
import { fakeGcp, type FakeGcp } from '../../src/testing/gcp/fake-gcp.ts'
import { expectKeptBy } from '../support/kept-promises.ts'
import { shortWorld } from '../support/short-world.ts'

const blueprintFor = (cloud: FakeGcp): string => `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-gcp-plugin]
dsl_definitions:
  account: &account ${JSON.stringify(cloud.clientConfig)}
node_templates:
  net:
    type: cloudify.gcp.nodes.Network
    properties: { gcp_config: *account, name: shop_net, auto_subnets: false }
  subnet:
    type: cloudify.gcp.nodes.SubNetwork
    properties: { gcp_config: *account, name: shop-subnet, region: europe-west1, subnet: 10.8.0.0/20 }
    relationships: [{ type: cloudify.gcp.relationships.contained_in_network, target: net }]
  web_allowed:
    type: cloudify.gcp.nodes.FirewallRule
    properties: { gcp_config: *account, name: web, allowed: { tcp: [80, 443] }, sources: [0.0.0.0/0, office], target_tags: [web] }
    relationships: [{ type: cloudify.gcp.relationships.contained_in_network, target: net }]
  group:
    type: cloudify.nodes.gcp.SecurityGroup
    properties: { client_config: *account, name: admins, rules: [{ allowed: { tcp: [22] }, sources: [10.0.0.0/8] }] }
    relationships: [{ type: cloudify.relationships.gcp.contained_in_network, target: net }]
  ip:
    type: cloudify.nodes.gcp.Address
    properties: { client_config: *account, name: shop-ip, region: europe-west1 }
  disk:
    type: cloudify.gcp.nodes.Volume
    properties: { gcp_config: *account, name: shop-boot, image: 'projects/debian-cloud/global/images/debian-12', boot: true, size: 20 }
  copy:
    type: cloudify.gcp.nodes.Snapshot
    properties: { gcp_config: *account, disk_name: { get_attribute: [disk, name] } }
    relationships: [{ type: cloudify.relationships.depends_on, target: disk }]
  vm:
    type: cloudify.gcp.nodes.Instance
    properties:
      gcp_config: *account
      name: shop
      instance_type: e2-small
      startup_script: { type: string, script: 'export TOKEN=top-secret-token' }
      tags: [web]
      install_agent: false
      agent_config: { install_method: none }
    relationships:
      - { type: cloudify.gcp.relationships.instance_contained_in_network, target: subnet }
      - { type: cloudify.relationships.connected_to, target: disk }
      - { type: cloudify.relationships.gcp.instance_connected_to_security_group, target: group }
      - { type: cloudify.relationships.gcp.instance_connected_to_ip, target: ip }
  data:
    type: cloudify.nodes.gcp.Volume
    properties: { client_config: *account, name: shop-data, size: 50, additional_settings: { type: zones/europe-west1-b/diskTypes/pd-ssd } }
    relationships: [{ type: cloudify.relationships.gcp.instance_connected_to_disk, target: vm }]
outputs:
  ip: { value: { get_attribute: [vm, public_ip_address] } }
`

describe('blueprints of Google Cloud', () => {
  it('are installed, saved by default, put back and gone', async function () {
    this.timeout(60_000)
    await using cloud = await fakeGcp()
    const things = [...cloud.state.things.keys()]
    await using test = await testFermata({ blueprint: blueprintFor(cloud), world: shortWorld() })
    const succeed = async (workflow: string, parameters = {}): Promise<void> => {
      const done = await test.run(workflow, parameters)
      expect(done.status, `${workflow}: ${JSON.stringify(done.error)}`).to.equal('terminated')
      const told = (await test.events(done)).map(({ message }) => message).join('\n')
      expect(told).not.to.contain('top-secret-token').and.not.to.contain('PRIVATE KEY')
    }
    await succeed('install')
    const vm = cloud.instance('shop')
    expect([vm.status, vm.disks.map(({ disk, boot }) => [disk, boot])]).to.deep.equal([
      'RUNNING',
      [
        ['shop-boot', true],
        ['shop-data', false],
      ],
    ])
    expect(cloud.disk('shop-boot').sizeGb).to.equal(20)
    expect(cloud.thing('subnetworks', 'shop-subnet')['network']).to.match(/networks\/shop-net$/)
    expect(cloud.thing('firewalls', 'web')).to.deep.include({
      allowed: [{ IPProtocol: 'tcp', ports: ['80', '443'] }],
      sourceRanges: ['0.0.0.0/0'],
      sourceTags: ['office'],
      targetTags: ['web'],
    })
    expect(cloud.thing('firewalls', 'admins-0')['targetTags']).to.deep.equal(['admins'])
    expect(JSON.stringify(vm.shown['tags'])).to.contain('admins').and.contain('web')
    expect(JSON.stringify(vm.shown['networkInterfaces'])).to.contain(
      String(cloud.thing('addresses', 'shop-ip')['address']),
    )

    cloud.write('shop', 'precious', 'shop-data')
    cloud.write('shop', 'system')
    await succeed('backup', { snapshot_name: 'first' })
    // Both disks are nodes of their own: each is saved once, there.
    const saved = [...cloud.state.snapshots.values()].map(({ sourceDisk, content }) => [
      sourceDisk.split('/').at(-1),
      content,
    ])
    expect(saved).to.have.deep.members([
      ['shop-boot', 'system'],
      ['shop-data', 'precious'],
    ])
    cloud.write('shop', 'spoilt', 'shop-data')
    cloud.write('shop', 'spoilt')
    await succeed('restore', { snapshot_name: 'first' })
    expect(Object.values(cloud.contents('shop'))).to.have.members(['system', 'precious'])
    expect(cloud.instance('shop').status).to.equal('RUNNING')
    await succeed('backup', { snapshot_name: 'second' })
    for (const workflow of ['suspend', 'resume', 'statistics']) await succeed(workflow)
    expect(cloud.instance('shop').status).to.equal('RUNNING')
    for (const name of ['first', 'second']) await succeed('remove_backup', { snapshot_name: name, break_floor: true })
    await succeed('uninstall')
    const { instances, disks, snapshots } = cloud.state
    expect([instances.size, disks.size, snapshots.size]).to.deep.equal([0, 0, 0])
    expect([...cloud.state.things.keys()]).to.deep.equal(things)
    await expectKeptBy(test.fermata)
  })
})
