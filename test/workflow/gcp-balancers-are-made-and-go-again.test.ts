// Claim: what stands before instances of Google Cloud is made as its blueprint says, once although every first answer is lost, and
// goes again without a trace.
import { expect } from 'chai'
import { testFermata } from '../../src/testing/test-fermata.ts'
import { fakeGcp, type FakeGcp } from '../../src/testing/gcp/fake-gcp.ts'
import { shortWorld } from '../support/short-world.ts'

const blueprintFor = (cloud: FakeGcp): string => `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-gcp-plugin]
dsl_definitions:
  c: &c ${JSON.stringify(cloud.clientConfig)}
node_templates:
  vm:
    type: cloudify.nodes.gcp.Instance
    properties: { client_config: *c, name: web, image_id: debian-12, agent_config: { install_method: none } }
    relationships: [{ type: cloudify.relationships.gcp.instance_connected_to_instance_group, target: group }]
  group: { type: cloudify.nodes.gcp.InstanceGroup, properties: { client_config: *c, name: webs, named_ports: [{ name: http, port: 80 }] } }
  check: { type: cloudify.nodes.gcp.HealthCheck, properties: { client_config: *c, name: alive, port: 8080 } }
  backend:
    type: cloudify.nodes.gcp.BackendService
    properties: { client_config: *c, name: back, health_check: { get_attribute: [check, selfLink] } }
    relationships:
      - { type: cloudify.relationships.gcp.uses_as_backend, target: group }
      - { type: cloudify.relationships.depends_on, target: check }
  map:
    type: cloudify.nodes.gcp.UrlMap
    properties: { client_config: *c, name: all, default_service: { get_attribute: [backend, selfLink] } }
    relationships: [{ type: cloudify.relationships.depends_on, target: backend }]
  proxy:
    type: cloudify.nodes.gcp.TargetProxy
    properties: { client_config: *c, name: front, url_map: { get_attribute: [map, selfLink] } }
    relationships: [{ type: cloudify.relationships.depends_on, target: map }]
  rule:
    type: cloudify.nodes.gcp.GlobalForwardingRule
    properties: { client_config: *c, name: in, target_proxy: { get_attribute: [proxy, selfLink] }, port_range: '8080' }
    relationships: [{ type: cloudify.relationships.gcp.forwarding_rule_connected_to_target_proxy, target: proxy }]
  peer:
    type: cloudify.nodes.gcp.VPCNetworkPeering
    properties: { client_config: *c, name: other, network: default, peerNetwork: projects/other/global/networks/default }
`

describe('balancers of Google Cloud', () => {
  it('are made once, and go', async function () {
    this.timeout(60_000)
    await using cloud = await fakeGcp()
    const before = [...cloud.state.things.keys()]
    await using test = await testFermata({ blueprint: blueprintFor(cloud), world: shortWorld() })
    const collections = ['instanceGroups', 'httpHealthChecks', 'backendServices', 'urlMaps', 'forwardingRules']
    const planted = collections.map((one) => cloud.fail(new RegExp(`^POST /\\S+/${one}$`), { drop: 'after' }))
    const run = async (workflow: string): Promise<void> => {
      const done = await test.run(workflow, {})
      expect(done.status, JSON.stringify(done.error)).to.equal('terminated')
    }
    await run('install')
    expect(planted.map(({ hits }) => hits)).to.deep.equal(collections.map(() => 1))
    const service = cloud.thing('backendServices', 'back')
    const group = cloud.thing('instanceGroups', 'webs')
    expect(service['healthChecks']).to.deep.equal([cloud.thing('httpHealthChecks', 'alive')['selfLink']])
    expect(service['backends']).to.deep.equal([{ group: group['selfLink'] }])
    expect(group['instances']).to.have.lengthOf(1)
    expect(cloud.thing('targetHttpProxies', 'front')['urlMap']).to.equal(cloud.thing('urlMaps', 'all')['selfLink'])
    expect(cloud.thing('forwardingRules', 'in')).to.include({ portRange: '8080' })
    expect(cloud.thing('networks', 'default')['peerings']).to.have.lengthOf(1)
    await run('uninstall')
    expect([...cloud.state.things.keys()]).to.deep.equal(before)
    expect(cloud.thing('networks', 'default')['peerings']).to.deep.equal([])
    expect([cloud.state.instances.size, cloud.state.disks.size]).to.deep.equal([0, 0])
  })
})
