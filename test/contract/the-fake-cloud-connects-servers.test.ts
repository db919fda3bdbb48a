// Networks of the fake cloud: addresses come out of subnets, what is in use is not deleted, and ports that a server was given
// outlive it.
import { expect } from 'chai'
import type { JsonObject } from '../../src/kernel/json.ts'
import type { Method } from '../../src/plugins/http/exchange.ts'
import type { Cloud } from '../../src/plugins/openstack/client/cloud.ts'
import { closeSharedClouds, cloudOf } from '../../src/plugins/openstack/client/shared-clouds.ts'
import { Fault } from '../../src/kernel/fault.ts'
import { fakeOpenstack, type FakeOpenstack } from '../support/openstack/fake-openstack.ts'
import { nodeContext } from '../support/openstack/node-on-fake.ts'

describe('the fake cloud connects servers', () => {
  let fake: FakeOpenstack
  let cloud: Cloud
  let cleanUp: () => Promise<void>

  beforeEach(async () => {
    fake = await fakeOpenstack()
    const ctx = nodeContext(fake, { type: 'Server' })
    cleanUp = () => ctx.cleanUp()
    cloud = await cloudOf(ctx, { clientConfig: fake.clientConfig })
  })
  afterEach(async () => {
    await closeSharedClouds()
    await fake.close()
    await cleanUp()
  })

  /** What the answer has under the name of what was asked for. */
  async function make(
    collection: string,
    member: string,
    given: JsonObject,
  ): Promise<JsonObject & { readonly id: string }> {
    const request = { service: 'network', method: 'POST', path: `/${collection}`, body: { [member]: given } } as const
    const { body } = await cloud.request<Record<string, JsonObject & { readonly id: string }>>(request)
    return body[member] as JsonObject & { readonly id: string }
  }
  const network = (method: Method, path: string, body?: JsonObject) =>
    cloud.request<JsonObject>({ service: 'network', method, path, body })

  async function refused(work: Promise<unknown>): Promise<string> {
    const thrown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    return thrown instanceof Fault ? thrown.code : 'not refused'
  }

  async function connected() {
    const { id: net } = await make('networks', 'network', { name: 'inside' })
    const { id: subnet } = await make('subnets', 'subnet', { network_id: net, cidr: '10.0.0.0/24', ip_version: 4 })
    const port = await make('ports', 'port', { network_id: net, name: 'given' })
    const { baseImage } = fake
    const networks = [{ port: port.id }, { uuid: net }]
    const server = { name: 'web', imageRef: baseImage.id, flavorRef: 'small', networks }
    await cloud.request({ service: 'compute', method: 'POST', path: '/servers', body: { server } })
    await fake.idle()
    return { net, subnet, port, server: fake.server('web') }
  }

  it('gives a server the ports it is told, and makes those it is not', async () => {
    const { port, server, net } = await connected()
    expect(server.ports).to.have.length(2)
    expect(server.ports[0]).to.equal(port.id)
    expect(fake.state.things('ports').get(port.id)?.['device_id']).to.equal(server.id)
    const { body } = await cloud.request<{ server: { addresses: JsonObject } }>({
      service: 'compute',
      method: 'GET',
      path: `/servers/${server.id}`,
    })
    const shown = (body.server.addresses['inside'] as readonly JsonObject[]).map(({ addr }) => addr)
    expect(shown).to.deep.equal(['10.0.0.10', '10.0.0.11'])
    expect(await refused(network('DELETE', `/networks/${net}`))).to.equal('openstack.conflict')
  })

  it('keeps the port that a server was given, with its address, when the server goes', async () => {
    const { port, server, net } = await connected()
    await cloud.request({ service: 'compute', method: 'DELETE', path: `/servers/${server.id}` })
    await fake.idle()
    const ports = [...fake.state.things('ports').values()].filter((one) => one['network_id'] === net)
    expect(ports.map(({ id, device_id: device, fixed_ips: ips }) => [id, device, ips])).to.deep.equal([
      [port.id, '', port['fixed_ips']],
    ])
  })

  it('leads floating addresses to ports, and routers to subnets', async () => {
    const { port, subnet } = await connected()
    const [outside] = [...fake.state.things('networks').values()].filter((one) => one['router:external'] === true)
    const given = { floating_network_id: outside?.id ?? '', port_id: port.id }
    const floating = await make('floatingips', 'floatingip', given)
    expect([floating['fixed_ip_address'], floating['status']]).to.deep.equal(['10.0.0.10', 'ACTIVE'])
    const router = await make('routers', 'router', {
      name: 'r',
      external_gateway_info: { network_id: outside?.id ?? '' },
    })
    await network('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id: subnet })
    expect(await refused(network('DELETE', `/routers/${router.id}`))).to.equal('openstack.conflict')
    await network('PUT', `/routers/${router.id}/remove_router_interface`, { subnet_id: subnet })
    await network('DELETE', `/routers/${router.id}`)
    expect(fake.state.things('routers').size).to.equal(0)
  })

  it('has rules in security groups, each of them once', async () => {
    const group = await make('security-groups', 'security_group', { name: 'web' })
    const rule = {
      security_group_id: group.id,
      direction: 'ingress',
      protocol: 'tcp',
      port_range_min: 80,
      port_range_max: 80,
    }
    await make('security-group-rules', 'security_group_rule', rule)
    expect(await refused(make('security-group-rules', 'security_group_rule', rule))).to.equal('openstack.conflict')
    const { body } = await network('GET', `/security-groups/${group.id}`)
    const { security_group_rules: rules } = body['security_group'] as {
      readonly security_group_rules: readonly unknown[]
    }
    expect(rules).to.have.length(3)
  })

  it('keeps tags, and refuses what is over quota', async () => {
    const { id } = await make('networks', 'network', { name: 'inside' })
    await network('PUT', `/networks/${id}/tags/fermata-1`)
    const { body } = await network('GET', `/networks?tags=fermata-1`)
    expect((body['networks'] as readonly JsonObject[]).map((one) => one['id'])).to.deep.equal([id])
    fake.state.quotas.network = 2
    expect(await refused(make('networks', 'network', { name: 'more' }))).to.equal('openstack.quota')
  })
})
