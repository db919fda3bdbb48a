// Claim: what was there before is found by its id or its only name, is never changed and stays; what is missing is made where
// the blueprint says so, and is ours then; what goes is what the record names, whatever it is called; and a creation that the
// quota would not let through is told before.
import { expect } from 'chai'
import { generateKeyPairSync } from 'node:crypto'
import type { Json, JsonObject } from '../../../../../src/kernel/json.ts'
import type { Fault } from '../../../../../src/kernel/fault.ts'
import type { RunOperation } from '../../../../../src/plugins/contract/operation.ts'
import plugin from '../../../../../src/plugins/openstack/plugin.ts'
import { fakeOpenstack, type FakeOpenstack } from '../../../../support/openstack/fake-openstack.ts'
import { nodeContext } from '../../../../support/openstack/node-on-fake.ts'
import type { TestContext } from '../../../../support/operation-context.ts'
import type { Planted } from '../../../../../src/testing/fake-http/troubles.ts'
import { faultOf } from '../small-cloud.ts'

describe('plain things of OpenStack', function () {
  this.timeout(20_000)
  let fake: FakeOpenstack
  const contexts: TestContext[] = []
  beforeEach(async () => {
    fake = await fakeOpenstack()
  })
  afterEach(async () => {
    await plugin.close?.()
    await Promise.all(contexts.splice(0).map((ctx) => ctx.cleanUp()))
    await fake.close()
  })
  const node = (
    type: string,
    properties: JsonObject,
    { runtime = {}, attempt = 1 }: { readonly runtime?: Record<string, Json>; readonly attempt?: number } = {},
  ): TestContext => {
    const ctx = nodeContext(fake, { type, properties, runtime, options: { operation: { attempt } } })
    contexts.push(ctx)
    return ctx
  }
  const run = async (ctx: TestContext, name: string, inputs: JsonObject = {}): Promise<Json | void> =>
    (plugin.operations[`openstack_plugin.resources.${name}`] as RunOperation).run(ctx, inputs)
  const networks = (): string[] => [...fake.state.things('networks').keys()]
  const network = (id: string, name: string): string => fake.addThing('networks', { id, name, description: '' }).id
  const external = (config: JsonObject, more: JsonObject = {}): JsonObject => ({
    use_external_resource: true,
    resource_config: config,
    ...more,
  })

  for (const [how, config] of Object.entries({ id: { id: 'net-1' }, name: { name: 'shop' } })) {
    it(`are found by their ${how}, and stay as they are`, async () => {
      network('net-1', 'shop')
      network('net-2', 'shop-2')
      const writes = fake.writes.length
      const ctx = node('Network', external(config))
      await run(ctx, 'network.network.create')
      expect(ctx.instance.runtimeProperties).to.include({ id: 'net-1', name: 'shop', type: 'network' })
      await run(ctx, 'network.network.delete')
      const changes = fake.writes.slice(writes).filter(({ service }) => service === 'network')
      expect(changes).to.deep.equal([])
      expect(ctx.instance.runtimeProperties).not.to.have.property('id')
    })
  }

  it('are refused with their ids when several have the name', async () => {
    network('net-1', 'shop')
    network('net-2', 'shop')
    const ctx = node('Network', external({ name: 'shop' }))
    const fault = await faultOf(run(ctx, 'network.network.create'))
    expect(fault).to.include({ code: 'openstack.ambiguous', blame: 'user', effect: 'none' })
    expect(fault.message).to.contain('net-1, net-2')
  })

  it('are not taken for another whose name only begins the same', async () => {
    network('net-1', 'shop-2')
    const fault = await faultOf(run(node('Network', external({ name: 'shop' })), 'network.network.create'))
    expect(fault.code).to.equal('openstack.missing')
  })

  it('are made when they are missing and may be, and go again then', async () => {
    const ctx = node('Network', external({ name: 'shop' }, { create_if_missing: true }))
    const before = networks()
    await run(ctx, 'network.network.create')
    expect(networks()).to.have.length(before.length + 1)
    // Another attempt of the same work finds it, and it is no less ours.
    await run(
      node('Network', ctx.node.properties, { runtime: ctx.instance.runtimeProperties, attempt: 2 }),
      'network.network.create',
    )
    await run(ctx, 'network.network.delete')
    expect(networks()).to.deep.equal(before)
  })

  it('go by the id on record, whatever else has their name', async () => {
    const ctx = node('Network', { resource_config: { name: 'shop' } })
    await run(ctx, 'network.network.create')
    const namesake = network('net-1', 'shop')
    Object.assign(fake.state.things('networks').get(String(ctx.instance.runtimeProperties['id'])) ?? {}, {
      name: 'other',
    })
    await run(ctx, 'network.network.delete')
    expect(networks()).to.include(namesake)
    expect([...fake.state.things('networks').values()].map(({ name }) => name)).not.to.include('other')
  })

  it('that are gone already are no error to delete', async () => {
    const ctx = node('Network', { resource_config: { name: 'shop' } }, { runtime: { id: 'gone', type: 'network' } })
    await run(ctx, 'network.network.delete')
    expect(ctx.instance.runtimeProperties).not.to.have.property('id')
  })

  it('that somebody is about to let go of are waited for', async () => {
    const ctx = node('SecurityGroup', { resource_config: { name: 'shop' } })
    await run(ctx, 'network.security_group.create')
    const id = String(ctx.instance.runtimeProperties['id'])
    const port = fake.addThing('ports', { id: 'port-1', name: 'last', security_groups: [id] })
    fake.fail('network DELETE /security-groups/:id', { status: 409, nth: 1, times: 1 })
    const gone = run(ctx, 'network.security_group.delete')
    fake.state.things('ports').delete(port.id)
    await gone
    expect(fake.state.things('security_groups').has(id)).to.equal(false)
    expect(fake.count('network DELETE /security-groups/:id')).to.be.greaterThan(1)
  })

  it('that bear no mark are known by not having been there before', async () => {
    fake.addThing('server_groups', { id: 'theirs', name: 'apart', policy: 'anti-affinity', members: [] })
    fake.fail('compute POST /os-server-groups', { drop: 'after' })
    const ctx = node('ServerGroup', { resource_config: { name: 'apart', policies: ['anti-affinity'] } })
    await run(ctx, 'compute.server_group.create')
    const groups = [...fake.state.things('server_groups').keys()]
    expect(groups).to.have.length(2)
    expect(ctx.instance.runtimeProperties['id']).to.equal(groups.find((id) => id !== 'theirs'))
    await run(ctx, 'compute.server_group.delete')
    expect([...fake.state.things('server_groups').keys()]).to.deep.equal(['theirs'])
  })

  for (const [type, name, collection, path] of [
    ['Network', 'network.network', 'networks', 'network POST /networks'],
    ['SecurityGroup', 'network.security_group', 'security_groups', 'network POST /security-groups'],
    ['RBACPolicy', 'network.rbac_policy', 'rbac_policies', 'network POST /rbac-policies'],
    ['KeyPair', 'compute.keypair', 'keypairs', 'compute POST /os-keypairs'],
    ['ServerGroup', 'compute.server_group', 'server_groups', 'compute POST /os-server-groups'],
    ['Flavor', 'compute.flavor', 'flavors', 'compute POST /flavors'],
    ['Image', 'compute.image', 'images', 'image POST /images'],
    ['User', 'identity.user', 'users', 'identity POST /users'],
  ] as const) {
    it(`are made once although the first attempt died before it knew: ${type}`, async () => {
      const config = { object_id: 'net-1', target_tenant: 'another', ram: 1, vcpus: 1 }
      const wanted = type === 'Flavor' || type === 'RBACPolicy' ? config : {}
      const all = (): string[] =>
        collection === 'images' ? [...fake.state.images.keys()] : [...fake.state.things(collection).keys()]
      const before = all()
      const first = node(type, { resource_config: wanted })
      const list = new RegExp(`^${path.replace('POST', 'GET')}`)
      // It looked for it, and did not get that far either: what it has saved is all that is left of it.
      const troubles: Planted[] = []
      const meanwhile = (): void => void troubles.push(fake.fail(list, { status: 503, times: 100 }))
      fake.fail(path, { drop: 'after', meanwhile })
      expect((await faultOf(run(first, `${name}.create`))).effect).to.equal('unknown')
      for (const trouble of troubles) trouble.remove()
      const runtime = { ...first.saves.at(-1) }
      expect(runtime).not.to.have.property('id')
      const second = node(type, { resource_config: wanted }, { runtime, attempt: 2 })
      await run(second, `${name}.create`)
      const made = all().filter((id) => !before.includes(id))
      expect(made).to.have.length(1)
      expect(second.instance.runtimeProperties['id']).to.equal(made[0])
    })
  }

  for (const [type, name, quota] of [
    ['Network', 'network.network', 'network'],
    ['FloatingIP', 'network.floating_ip', 'floatingip'],
    ['KeyPair', 'compute.keypair', 'key_pairs'],
    ['ServerGroup', 'compute.server_group', 'server_groups'],
  ] as const) {
    it(`are told to be too many before they are made: ${type}`, async () => {
      await run(node(type, {}), `${name}.creation_validation`)
      fake.state.quotas[quota] = 0
      const writes = fake.writes.length
      const fault = await faultOf(run(node(type, {}), `${name}.creation_validation`))
      expect(fault).to.include({ code: 'openstack.quota', effect: 'none', blame: 'user' })
      expect(fake.writes).to.have.length(writes)
    })
  }

  it('are listed as they are asked for', async () => {
    network('net-1', 'shop')
    network('net-2', 'other')
    const ctx = node('Network', {})
    const found = (await run(ctx, 'network.network.list_networks', { query: { name: 'shop' } })) as JsonObject[]
    expect(found.map(({ id }) => id)).to.deep.equal(['net-1'])
    expect(ctx.instance.runtimeProperties['network_list']).to.deep.equal(found)
  })

  it('are changed as they are asked to, and show it', async () => {
    const ctx = node('Network', { resource_config: { name: 'shop' } })
    await run(ctx, 'network.network.create')
    await run(ctx, 'network.network.update', { args: { name: 'market', admin_state_up: false } })
    const id = String(ctx.instance.runtimeProperties['id'])
    expect(fake.state.things('networks').get(id)).to.include({ name: 'market', admin_state_up: false })
    expect(ctx.instance.runtimeProperties).to.include({ name: 'market' })
  })

  it('take an address that the project has where they may, and leave it there', async () => {
    const outside = [...fake.state.things('networks').values()].find(({ name }) => name === 'public')?.id ?? ''
    fake.addThing('floatingips', {
      id: 'ip-1',
      floating_ip_address: '203.0.113.99',
      port_id: null,
      floating_network_id: outside,
    })
    const config = { floating_ip_address: '203.0.113.99', floating_network_name: 'public' }
    const ctx = node('FloatingIP', { resource_config: config, allow_reallocation: true })
    await run(ctx, 'network.floating_ip.create')
    expect(ctx.instance.runtimeProperties).to.include({ id: 'ip-1', floating_ip_address: '203.0.113.99' })
    await run(ctx, 'network.floating_ip.delete')
    expect(fake.state.things('floatingips').has('ip-1')).to.equal(true)
  })

  it('take the public half of a private key that is given, and keep nothing of it', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
    const ctx = node('KeyPair', { resource_config: { name: 'shop' }, private_key: pem })
    await run(ctx, 'compute.keypair.create')
    const { n = '' } = privateKey.export({ format: 'jwk' })
    const [type, blob = ''] = String(fake.state.things('keypairs').get('shop')?.['public_key']).split(' ')
    expect(type).to.equal('ssh-rsa')
    expect(Buffer.from(blob, 'base64').includes(Buffer.from(n, 'base64url'))).to.equal(true)
    expect(ctx.instance.runtimeProperties).not.to.have.property('private_key_path')
    expect(JSON.stringify(ctx.instance.runtimeProperties)).not.to.contain('PRIVATE KEY')
    const broken = node('KeyPair', { resource_config: { name: 'other' }, private_key: 'planted nonsense' })
    const fault = await faultOf(run(broken, 'compute.keypair.create'))
    expect(fault.code).to.equal('openstack.bad_property')
    expect(fault.message).not.to.contain('planted')
  })

  it('never overwrite a private key that is there', async () => {
    const ctx = nodeContext(fake, {
      type: 'KeyPair',
      properties: { resource_config: { name: 'shop' } },
      options: { files: { 'k.pem': 'somebody else\u2019s' } },
    })
    contexts.push(ctx)
    const path = await ctx.blueprintFile('k.pem')
    const fault = (await faultOf(run(ctx, 'compute.keypair.create', { private_key_path: path }))) as Fault
    expect(fault.code).to.equal('openstack.bad_property')
    expect(fake.state.things('keypairs').size).to.equal(0)
  })
})
