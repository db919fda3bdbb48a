// Claim: a topology of networks, routers, addresses and security groups is made as its blueprint says, once whatever becomes of
// the answers, and goes again without a trace; what was there before stays as it was.
import { expect } from 'chai'
import {
  networkCollections as collections,
  networkTopology as topology,
} from '../support/openstack/network-topology.ts'
import { topologies } from '../support/openstack/topologies.ts'

const access = '{get_input: access}'

describe('OpenStack networks of a blueprint', function () {
  this.timeout(60_000)
  const cloud = topologies()
  const counts = (): Record<string, number> => cloud.counts(collections)
  const run = (workflow: string): Promise<void> => cloud.run(workflow)

  it('are made as the blueprint says, and go again', async () => {
    const before = counts()
    await cloud.deploy(topology)
    await run('install')
    const [network, router] = [cloud.one('networks', 'shop'), cloud.all('routers')[0] ?? {}]
    const subnet = cloud.all('subnets')[0] ?? {}
    expect(network).to.include({ mtu: 1400 })
    expect(subnet).to.include({ cidr: '10.5.0.0/24', ip_version: 4, network_id: network['id'] })
    const outside = cloud.one('networks', 'public')
    expect(router['external_gateway_info']).to.deep.equal({ network_id: outside['id'] })
    expect(router['routes']).to.deep.equal([{ destination: '192.0.2.0/24', nexthop: '10.5.0.99' }])
    const group = cloud.one('security_groups', 'shop')
    expect(group['description']).to.match(/^who may come in \(fermata-[0-9a-f]{40}\)$/)
    const rules = cloud.all('security_group_rules').filter((rule) => rule['security_group_id'] === group['id'])
    expect(
      rules.map((rule) => [rule['direction'], rule['protocol'], rule['port_range_min'], rule['port_range_max']]),
    ).to.have.deep.members([
      ['ingress', 'tcp', 22, 22],
      ['egress', 'udp', 53, 53],
      ['ingress', 'icmp', null, null],
    ])
    const port = cloud.all('ports').find((thing) => thing['device_owner'] === '') ?? {}
    expect(port['fixed_ips']).to.deep.equal([{ subnet_id: subnet['id'], ip_address: '10.5.0.7' }])
    expect(port['security_groups']).to.deep.equal([group['id']])
    expect(cloud.all('floatingips')[0]).to.include({ port_id: port['id'], floating_network_id: outside['id'] })
    expect(cloud.all('rbac_policies')[0]).to.include({
      object_id: network['id'],
      object_type: 'network',
      target_tenant: 'another',
      action: 'access_as_shared',
    })
    const gateways = cloud.all('ports').filter((thing) => thing['device_id'] === router['id'])
    expect(gateways).to.have.length(1)
    await run('uninstall')
    expect(counts()).to.deep.equal(before)
  })

  it('have routes as nodes of their own, and names for what an administrator sees several of', async () => {
    const foreign = { project_id: 'another', tenant_id: 'another' }
    cloud.fake.addThing('security_groups', { id: 'theirs', name: 'default', description: '', ...foreign })
    const before = counts()
    await cloud.deploy(`
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-openstack-plugin]
inputs: {access: {}}
node_templates:
  net: {type: cloudify.openstack.nodes.Network, properties: {openstack_config: ${access}, resource_id: shop}}
  subnet:
    type: cloudify.openstack.nodes.Subnet
    properties: {openstack_config: ${access}, subnet: {cidr: 10.6.0.0/24}}
    relationships:
      - {type: cloudify.relationships.contained_in, target: net}
      - {type: cloudify.openstack.subnet_connected_to_router, target: router}
  router: {type: cloudify.openstack.nodes.Router, properties: {openstack_config: ${access}, router: {external_gateway_info: {network_name: public}}}}
  routes:
    type: cloudify.openstack.nodes.Routes
    properties: {openstack_config: ${access}, routes: [{destination: 192.0.2.0/24, nexthop: 10.6.0.9}]}
    relationships: [{type: cloudify.openstack.route_connected_to_router, target: router}]
  port:
    type: cloudify.openstack.nodes.Port
    properties: {openstack_config: ${access}}
    interfaces:
      cloudify.interfaces.lifecycle:
        create: {inputs: {args: {network_id: shop, security_groups: [default]}}}
    relationships: [{type: cloudify.relationships.depends_on, target: subnet}]
`)
    await run('install')
    const [router] = cloud.all('routers')
    expect(router?.['routes']).to.deep.equal([{ destination: '192.0.2.0/24', nexthop: '10.6.0.9' }])
    expect(router?.['external_gateway_info']).to.deep.equal({ network_id: cloud.one('networks', 'public')['id'] })
    const port = cloud.all('ports').find((thing) => thing['device_owner'] === '')
    expect(port?.['network_id']).to.equal(cloud.one('networks', 'shop')['id'])
    const own = cloud.all('security_groups').find(({ id }) => id !== 'theirs')
    expect(port?.['security_groups']).to.deep.equal([own?.['id']])
    await run('uninstall')
    expect(counts()).to.deep.equal(before)
  })

  it('take the place of what was Nova\u2019s own network', async () => {
    const before = counts()
    await cloud.deploy(`
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-openstack-plugin]
inputs: {access: {}}
node_templates:
  address:
    type: cloudify.openstack.nova_net.nodes.FloatingIP
    properties: {openstack_config: ${access}, floatingip: {pool: public}}
  rules:
    type: cloudify.openstack.nova_net.nodes.SecurityGroup
    properties:
      openstack_config: ${access}
      security_group: {name: shop}
      description: who may come in
      rules:
        - {ip_protocol: tcp, from_port: 80, to_port: 90, cidr: 192.0.2.0/24}
        - {ip_protocol: icmp, from_port: -1, to_port: -1}
`)
    await run('install')
    expect(cloud.all('floatingips')[0]).to.include({ floating_network_id: cloud.one('networks', 'public')['id'] })
    const group = cloud.one('security_groups', 'shop')
    expect(group['description']).to.match(/^who may come in \(/)
    const rules = cloud.all('security_group_rules').filter((rule) => rule['direction'] === 'ingress')
    expect(
      rules.map((rule) => [rule['protocol'], rule['port_range_min'], rule['port_range_max'], rule['remote_ip_prefix']]),
    ).to.deep.equal([
      ['tcp', 80, 90, '192.0.2.0/24'],
      ['icmp', null, null, null],
    ])
    await run('uninstall')
    expect(counts()).to.deep.equal(before)
  })

  for (const trouble of [
    { what: 'whose answer is lost', how: { drop: 'after' } as const },
    { what: 'that breaks after its effect', how: { status: 500, afterEffect: true } },
    { what: 'that breaks before its effect', how: { status: 503 } },
  ]) {
    it(`are made once, and go, with a call of each kind ${trouble.what}`, async () => {
      const before = counts()
      await cloud.deploy(topology)
      for (const path of [
        'POST /networks',
        'POST /subnets',
        'POST /routers',
        'POST /ports',
        'POST /floatingips',
        'POST /security-groups',
        'POST /security-group-rules',
        'POST /rbac-policies',
        'PUT /routers/:id/add_router_interface',
        'PUT /routers/:id/add_extraroutes',
        'PUT /floatingips/:id',
        'PUT /routers/:id/remove_router_interface',
        'PUT /routers/:id/remove_extraroutes',
        'DELETE /networks/:id',
        'DELETE /subnets/:id',
        'DELETE /routers/:id',
        'DELETE /ports/:id',
        'DELETE /floatingips/:id',
        'DELETE /security-groups/:id',
        'DELETE /rbac-policies/:id',
      ]) {
        cloud.fake.fail(`network ${path}`, trouble.how)
      }
      await run('install')
      expect(cloud.added(collections, before)).to.deep.equal({
        networks: 1,
        subnets: 1,
        routers: 1,
        ports: 2,
        security_groups: 1,
        security_group_rules: 3,
        floatingips: 1,
        rbac_policies: 1,
      })
      await run('uninstall')
      expect(counts()).to.deep.equal(before)
    })
  }
})
