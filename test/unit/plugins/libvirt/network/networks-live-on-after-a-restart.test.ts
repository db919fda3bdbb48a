// Claim: a network is made once, persistent and running, whatever becomes of an attempt; nobody else's is taken for it or
// deleted; what a domain is given there is known when the relationship is established.
import { expect } from 'chai'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { resourceNode, type ResourceNode } from '../../../../support/libvirt/resource-on-fake.ts'
import { subject } from '../../../../support/operation-context.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { attributeAt, textAt } from '../../../../../src/plugins/libvirt/xml/element.ts'

const params = {
  name: 'lan',
  dev: 'lanbr0',
  forwards: [{ mode: 'nat' }],
  ips: [{ address: '10.1.1.1', netmask: '255.255.255.0', dhcp: { start: '10.1.1.2', end: '10.1.1.99' } }],
}

describe('networks live on after a restart', () => {
  let libvirtd: FakeLibvirtd
  let node: ResourceNode
  const start = (properties = {}): ResourceNode => (node = resourceNode(libvirtd, 'network', { params, ...properties }))

  beforeEach(async () => {
    libvirtd = await fakeLibvirtd({ domains: [] })
  })
  afterEach(async () => {
    await node[Symbol.asyncDispose]()
    await libvirtd.close()
  })

  it('it is defined as the blueprint says, runs, and starts with its hypervisor', async () => {
    await start().run('create')
    const made = libvirtd.host.networks.find('lan')
    expect([made.isPersistent, made.isActive, made.autostart]).to.deep.equal([true, true, true])
    expect(made.bridge).to.equal('lanbr0')
    expect(attributeAt(made.config, 'ip', 'netmask')).to.equal('255.255.255.0')
    expect(attributeAt(made.config, 'ip/dhcp/range', 'end')).to.equal('10.1.1.99')
    expect(node.runtime).to.deep.include({ resource_id: 'lan', use_external_resource: false })
    expect(node.saves[0]?.['params'], 'who it is was durable first').to.deep.include({ instance_uuid: made.uuid })
    expect(node.saves[0]).not.to.have.property('resource_id')
  })

  for (const moment of ['before', 'after'] as const) {
    it(`an answer lost ${moment} it was defined leads to one network`, async () => {
      start()
      libvirtd.faults.drop('NETWORK_DEFINE_XML', moment)
      await node.run('create').catch(() => {})
      await node.run('create', { details: { attempt: 2, inDoubt: true } })
      expect([...libvirtd.host.networks.all.keys()]).to.deep.equal(['lan'])
      expect(libvirtd.host.networks.find('lan').isActive).to.equal(true)
    })
  }

  it("another's of that name is neither used nor deleted", async () => {
    libvirtd.host.networks.define('<network><name>lan</name></network>')
    start()
    expect((await faultOf(node.run('create'))).code).to.equal('libvirt.name_taken')
    await node.run('delete')
    expect([...libvirtd.host.networks.all.keys()]).to.deep.equal(['lan'])
  })

  it('delete takes away ours, and leaves an external one', async () => {
    await start().run('create')
    await node.run('delete')
    expect([...libvirtd.host.networks.all.keys()]).to.deep.equal([])
    expect(node.runtime).not.to.have.property('resource_id')
    await node.run('delete')
    libvirtd.host.networks.define('<network><name>old</name></network>')
    await node[Symbol.asyncDispose]()
    start({ use_external_resource: true, resource_id: 'old', params: {} })
    await node.run('create')
    await node.run('delete')
    expect([...libvirtd.host.networks.all.keys()]).to.deep.equal(['old'])
  })

  it('a template describes what params cannot, and keeps our name and uuid', async () => {
    const template = "<network><name>other</name><bridge name='{{ dev }}'/><mtu size='9000'/></network>"
    await start().run('create', { inputs: { template_content: template } })
    const made = libvirtd.host.networks.find('lan')
    expect(attributeAt(made.config, 'mtu', 'size')).to.equal('9000')
    expect(textAt(made.config, 'uuid')).to.equal(made.uuid)
  })

  for (const [what, bad] of [
    ['a bridge with a name that is too long', { dev: 'a-bridge-with-a-long-name' }],
    ['an address that is none', { ips: [{ address: '10.1.1', netmask: '255.255.255.0' }] }],
    ['two ways to the outside', { forwards: [{ mode: 'nat' }, { mode: 'route' }] }],
  ] as const) {
    it(`${what} is refused before anything is made`, async () => {
      start({ params: { ...params, ...bad } })
      expect((await faultOf(node.run('create'))).code).to.equal('libvirt.bad_property')
      expect([...libvirtd.host.networks.all.keys()]).to.deep.equal([])
    })
  }

  describe('and a domain in it', () => {
    const mac = '52:54:00:00:00:07'
    const xml = `<domain type='qemu'><name>vm</name><uuid>00000000-0000-4000-8000-000000000007</uuid><memory unit='KiB'>65536</memory>
      <devices><interface type='network'><mac address='${mac}'/><source network='lan'/></interface></devices></domain>`

    const relate = (wait = true) => {
      const source = subject(
        { id: 'vm', properties: { libvirt_auth: libvirtd.uri, start_timeout: 30, params: { wait_for_ip: wait } } },
        { runtimeProperties: { resource_id: 'vm' } },
      )
      const target = subject({ properties: { libvirt_auth: libvirtd.uri } }, { runtimeProperties: node.runtime })
      return { source, relationship: { type: 'cloudify.libvirt.relationships.connected_to', source, target } }
    }

    beforeEach(async () => {
      await start().run('create')
      libvirtd.addDomain({ name: 'vm', xml })
    })

    it('has its address when it has leased one, and loses it with the relationship', async () => {
      const { source, relationship } = relate()
      const linking = node.run('link', { relationship })
      libvirtd.host.networks.find('lan').leases = [
        { mac: '52:54:00:00:00:99', ip: '10.1.1.9' },
        { mac, ip: '10.1.1.7' },
      ]
      await linking
      expect(source.instance.runtimeProperties['ip']).to.equal('10.1.1.7')
      expect(source.saves.at(-1)).to.deep.include({ ip: '10.1.1.7' })
      await node.run('unlink', { relationship })
      expect(source.instance.runtimeProperties).not.to.have.property('ip')
    })

    it('is waited for as long as it may take to start, and not without end', async () => {
      const { relationship } = relate()
      expect((await faultOf(node.run('link', { relationship }))).code).to.equal('libvirt.no_address')
    })

    it('is not waited for when it is not to have one', async () => {
      const { source, relationship } = relate(false)
      await node.run('link', { relationship })
      expect(source.instance.runtimeProperties).not.to.have.property('ip')
    })
  })
})
