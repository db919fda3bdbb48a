// Claim: who a domain will be is on record before it is made, so that whatever becomes of an attempt there is one domain,
// and nobody else's is taken for it.
import { expect } from 'chai'
import { Fault } from '../../../../../src/kernel/fault.ts'
import type { Json } from '../../../../../src/kernel/json.ts'
import { closeSharedHypervisors } from '../../../../../src/plugins/libvirt/client/shared-hypervisors.ts'
import { configure, create } from '../../../../../src/plugins/libvirt/domain/create.ts'
import { remove, stop } from '../../../../../src/plugins/libvirt/domain/stop.ts'
import { textAt } from '../../../../../src/plugins/libvirt/xml/element.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { domainContext, run, type NodeOnFake } from '../../../../support/libvirt/node-on-fake.ts'
import type { TestContext } from '../../../../support/operation-context.ts'

const params = { name: 'web', memory_size: 65_536 }

describe('domains are defined once', () => {
  let libvirtd: FakeLibvirtd
  const contexts: TestContext[] = []
  const context = (node: NodeOnFake): TestContext => {
    const made = domainContext(libvirtd, node)
    contexts.push(made)
    return made
  }
  const names = (): string[] => [...libvirtd.host.domains.values()].map(({ name }) => name)

  const definitions = (): number => libvirtd.calls.filter((name) => name === 'DOMAIN_DEFINE_XML_FLAGS').length

  beforeEach(async () => {
    libvirtd = await fakeLibvirtd({ domains: ['other'] })
  })
  afterEach(async () => {
    await closeSharedHypervisors()
    await Promise.all(contexts.splice(0).map((ctx) => ctx.cleanUp()))
    await libvirtd.close()
  })

  async function refusal(work: Promise<unknown>): Promise<Fault> {
    const outcome = await work.catch((thrown: unknown) => thrown)
    expect(outcome, 'it was accepted').to.be.instanceOf(Fault)
    return outcome as Fault
  }

  it('its uuid is durable before it is defined, and is what it is defined with', async () => {
    const ctx = context({ properties: { params } })
    await run(create, ctx)
    const [saved] = ctx.saves
    expect(names()).to.deep.equal(['other'])
    await run(configure, ctx)
    expect(libvirtd.domain('web').uuid).to.equal(saved?.['domain_uuid'])
    expect(ctx.instance.runtimeProperties).to.deep.include({
      resource_id: 'web',
      domain_uuid: libvirtd.domain('web').uuid,
      use_external_resource: false,
      libvirt_auth: libvirtd.uri,
    })
    expect(ctx.instance.runtimeProperties['params']).to.deep.include({
      ...params,
      instance_uuid: saved?.['domain_uuid'],
    })
  })

  it('without a name it is called as its instance', async () => {
    const ctx = context({})
    await run(create, ctx)
    await run(configure, ctx)
    expect(names()).to.include('vm_x1y2z3')
  })

  it('a lost answer is looked after at once: it was defined, and is not again', async () => {
    const ctx = context({ properties: { params } })
    await run(create, ctx)
    libvirtd.faults.drop('DOMAIN_DEFINE_XML_FLAGS', 'after')
    await run(configure, ctx)
    expect(libvirtd.domain('web').uuid).to.equal(ctx.instance.runtimeProperties['domain_uuid'])
    expect(definitions()).to.equal(1)
  })

  for (const isDefined of [false, true]) {
    it(`an attempt that was killed ${isDefined ? 'after' : 'before'} it was defined is carried on to one domain`, async () => {
      const first = context({ properties: { params } })
      await run(create, first)
      if (isDefined) await run(configure, first)
      const second = context({
        properties: { params },
        // What was durable before the domain was defined, and nothing since.
        runtime: structuredClone(first.saves[0] ?? {}) as Record<string, Json>,
        options: { operation: { attempt: 2, inDoubt: true } },
      })
      await run(configure, second)
      expect(names()).to.have.members(['other', 'web'])
      expect(libvirtd.domain('web').uuid).to.equal(first.saves[0]?.['domain_uuid'])
      expect(definitions()).to.equal(1)
    })
  }

  it('one that was defined and of which nothing was recorded is known by its mark', async () => {
    const first = context({ properties: { params } })
    await run(create, first)
    await run(configure, first)
    const second = context({ properties: { params } })
    await run(create, second)
    await run(configure, second)
    expect(second.instance.runtimeProperties['domain_uuid']).to.equal(libvirtd.domain('web').uuid)
    expect(names()).to.have.members(['other', 'web'])
  })

  it("somebody else's domain of that name is refused, and neither changed nor deleted", async () => {
    const ctx = context({ properties: { params: { name: 'other' } } })
    const before = libvirtd.domain('other').config
    await run(create, ctx)
    expect((await refusal(run(configure, ctx))).code).to.equal('libvirt.name_taken')
    await run(stop, ctx)
    await run(remove, ctx)
    expect(libvirtd.domain('other').config).to.equal(before)
    expect(libvirtd.domain('other').isActive).to.equal(true)
  })

  it('a twin of another deployment under the same name is somebody else', async () => {
    const first = context({ properties: { params }, options: { deployment: 'theirs' } })
    await run(create, first)
    await run(configure, first)
    const second = context({ properties: { params } })
    await run(create, second)
    expect((await refusal(run(configure, second))).code).to.equal('libvirt.name_taken')
  })

  for (const name of ['a/b', 'a\nb']) {
    it(`${JSON.stringify(name)} cannot be a name`, async () => {
      expect((await refusal(run(create, context({ properties: { params: { name } } })))).code).to.equal(
        'libvirt.bad_property',
      )
    })
  }

  it('a hostile name is a name', async () => {
    const name = `x'><devices><evil a="&amp;`
    const ctx = context({ properties: { params: { name } } })
    await run(create, ctx)
    await run(configure, ctx)
    expect(textAt(libvirtd.domain(name).config, 'name')).to.equal(name)
    await run(remove, ctx)
    expect(names()).to.deep.equal(['other'])
  })

  it('nothing of a description is logged', async () => {
    const template_content = "<domain type='qemu'><devices><graphics type='vnc' passwd='sesame'/></devices></domain>"
    const ctx = context({ properties: { params } })
    await run(create, ctx)
    await run(configure, ctx, { template_content })
    expect([...ctx.lines, ...ctx.events, JSON.stringify(ctx.saves)].join('\n')).to.not.contain('sesame')
    libvirtd.faults.fail('DOMAIN_DEFINE_XML_FLAGS', { code: 27 })
    const other = context({ properties: { params: { name: 'second' } } })
    await run(create, other)
    const fault = await refusal(run(configure, other, { template_content }))
    expect(JSON.stringify(fault) + String(fault.stack)).to.not.contain('sesame')
  })

  it('one that is external is found, recorded, and left as it is by everything', async () => {
    const ctx = context({ properties: { use_external_resource: true, resource_id: 'other' } })
    const { config, uuid } = libvirtd.domain('other')
    for (const operation of [create, configure, stop]) await run(operation, ctx)
    expect(ctx.instance.runtimeProperties).to.deep.include({ resource_id: 'other', domain_uuid: uuid })
    await run(remove, ctx)
    expect(libvirtd.domain('other').config).to.equal(config)
    expect(libvirtd.domain('other').isActive).to.equal(true)
    expect(ctx.instance.runtimeProperties).to.not.have.property('resource_id')
  })

  it('one that is external and is not there is refused', async () => {
    const lost = context({ properties: { use_external_resource: true, resource_id: 'nobody' } })
    expect((await refusal(run(create, lost))).message).to.match(/has no domain 'nobody'$/)
    const nameless = context({ properties: { use_external_resource: true } })
    expect((await refusal(run(create, nameless))).details['property']).to.equal('resource_id')
  })
})
