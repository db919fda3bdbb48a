// Claim: what params say is what libvirt is asked for; what does not fit is refused by its path, and no value can become
// anything but a value.
import { expect } from 'chai'
import { Fault } from '../../../../../src/kernel/fault.ts'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { definitionOf } from '../../../../../src/plugins/libvirt/domain/definition.ts'
import { isMarkedBy } from '../../../../../src/plugins/libvirt/domain/mark.ts'
import { settingsOf } from '../../../../../src/plugins/libvirt/settings.ts'
import { allAt, attributeAt, firstAt, textAt, type XmlElement } from '../../../../../src/plugins/libvirt/xml/element.ts'
import { parseXml } from '../../../../../src/plugins/libvirt/xml/parse.ts'
import { operationContext, type TestContext } from '../../../../support/operation-context.ts'

const identity = { name: 'vm', uuid: '6e1a2b3c-0000-4000-8000-000000000001' }
const contexts: TestContext[] = []

async function described(
  params: JsonObject,
  inputs: JsonObject = {},
  files: Record<string, string> = {},
): Promise<XmlElement> {
  const ctx = operationContext({ node: { properties: { params } }, files })
  contexts.push(ctx)
  return parseXml(await definitionOf(ctx, await settingsOf(ctx, inputs), identity))
}

async function refusal(params: JsonObject, inputs: JsonObject = {}): Promise<Fault> {
  const outcome = await described(params, inputs).catch((thrown: unknown) => thrown)
  expect(outcome, 'it was accepted').to.be.instanceOf(Fault)
  return outcome as Fault
}

describe('domains are described as asked', () => {
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((ctx) => ctx.cleanUp()))
  })

  it('without params it is small, can be frozen and measured, and bears the mark of its node', async () => {
    const domain = await described({})
    expect(textAt(domain, 'name')).to.equal('vm')
    expect(textAt(domain, 'uuid')).to.equal(identity.uuid)
    expect(textAt(domain, 'vcpu')).to.equal('1')
    expect(attributeAt(domain, 'devices/channel/target', 'name')).to.equal('org.qemu.guest_agent.0')
    expect(attributeAt(domain, 'devices/memballoon/stats', 'period')).to.equal('5')
    expect(firstAt(domain, 'devices/rng/backend')).to.not.equal(undefined)
    expect(isMarkedBy(domain, { deployment: 'examples', instance: 'server_x1y2z3' })).to.equal(true)
    expect(isMarkedBy(domain, { deployment: 'others', instance: 'server_x1y2z3' })).to.equal(false)
    expect(isMarkedBy(domain, { deployment: 'examples', instance: 'server_other' })).to.equal(false)
  })

  it('params say the rest', async () => {
    const domain = await described({
      domain_type: 'kvm',
      vcpu: 2,
      memory_size: 524_288,
      arch: 'x86_64',
      machine: 'pc-q35-7.2',
      nvram: '/var/lib/nvram/vm.fd',
      disks: [
        { dev: 'vda', bus: 'virtio', file: '/images/a.qcow2', type: 'qcow2' },
        { file: '/dev/vg/b', type: 'raw' },
        { device: 'cdrom', file: '/images/init.iso' },
        { bus: 'scsi', file: '/images/c.raw', type: 'raw' },
      ],
      networks: [
        { network: 'default', mac: '52:54:00:AA:bb:01', dev: 'tap7' },
        { network: 'other', type: 'e1000' },
      ],
      devices: [
        { type: 'serial', source_path: '/dev/ttyS1', target_port: 1 },
        { type: 'usb', vendor_id: 0x1d6b, product_id: '0x0002' },
        { type: 'pci', bus: 1, slot: 0, function: 1 },
      ],
    })
    expect(domain.attributes).to.deep.equal({ type: 'kvm' })
    expect([textAt(domain, 'memory'), textAt(domain, 'currentMemory')]).to.deep.equal(['1048576', '524288'])
    expect(firstAt(domain, 'os/type')?.attributes).to.deep.equal({ arch: 'x86_64', machine: 'pc-q35-7.2' })
    expect(textAt(domain, 'os/nvram')).to.equal('/var/lib/nvram/vm.fd')
    const disks = allAt(domain, 'devices/disk').map((disk) => [
      disk.attributes['type'],
      attributeAt(disk, 'target', 'dev'),
      attributeAt(disk, 'source', 'file') ?? attributeAt(disk, 'source', 'dev'),
      attributeAt(disk, 'driver', 'type'),
    ])
    expect(disks).to.deep.equal([
      ['file', 'vda', '/images/a.qcow2', 'qcow2'],
      ['block', 'vdb', '/dev/vg/b', 'raw'],
      ['file', 'sda', '/images/init.iso', 'raw'],
      ['file', 'sdb', '/images/c.raw', 'raw'],
    ])
    expect(attributeAt(domain, 'devices/controller', 'model')).to.equal('virtio-scsi')
    expect(attributeAt(domain, 'devices/interface/mac', 'address')).to.equal('52:54:00:aa:bb:01')
    expect(allAt(domain, 'devices/interface/model').map(({ attributes }) => attributes['type'])).to.deep.equal([
      'virtio',
      'e1000',
    ])
    expect(attributeAt(domain, 'devices/hostdev/source/vendor', 'id')).to.equal('0x1d6b')
    expect(firstAt(domain, 'devices/hostdev/source/address')?.attributes).to.deep.equal({
      domain: '0x0000',
      bus: '0x01',
      slot: '0x00',
      function: '0x1',
    })
    expect(allAt(domain, 'devices/serial')).to.have.length(1)
  })

  it('a kernel is booted straight', async () => {
    const domain = await described({ kernel: '/boot/vmlinuz', initrd: '/boot/initrd', cmdline: 'quiet a="b"' })
    expect(textAt(domain, 'os/kernel')).to.equal('/boot/vmlinuz')
    expect(textAt(domain, 'os/cmdline')).to.equal('quiet a="b"')
    expect(firstAt(domain, 'os/boot')).to.equal(undefined)
  })

  const wrong: readonly (readonly [JsonObject, string])[] = [
    [{ memory_size: 'much' }, 'params.memory_size'],
    [{ memory_size: 2048, memory_maxsize: 1024 }, 'params.memory_maxsize'],
    [{ vcpu: 0 }, 'params.vcpu'],
    [{ vcpu: 1.5 }, 'params.vcpu'],
    [{ domain_type: "kvm'><evil" }, 'params.domain_type'],
    [{ nvram: 'relative' }, 'params.nvram'],
    [{ initrd: '/initrd' }, 'params.initrd'],
    [{ disks: {} }, 'params.disks'],
    [{ disks: ['/a'] }, 'params.disks[0]'],
    [{ disks: [{ dev: 'vda' }] }, 'params.disks[0].file'],
    [{ disks: [{ file: '/a' }, { file: '/b', dev: 'vda' }] }, 'params.disks[1].dev'],
    [{ disks: [{ file: '/a', dev: '../x' }] }, 'params.disks[0].dev'],
    [{ disks: [{ file: 'a.qcow2' }] }, 'params.disks[0].file'],
    [{ disks: [{ file: '/a', bus: 'virtuous' }] }, 'params.disks[0].bus'],
    [{ disks: [{ file: '/a\0b' }] }, 'params.disks[0].file'],
    [{ networks: [{ mac: '52:54:00:00:00:01' }] }, 'params.networks[0].network'],
    [{ networks: [{ network: 'a', mac: 'here' }] }, 'params.networks[0].mac'],
    [{ networks: [{ network: 'a', dev: 'far-too-long-a-name' }] }, 'params.networks[0].dev'],
    [{ devices: [{ type: 'gpu' }] }, 'params.devices[0].type'],
    [{ devices: [{ type: 'usb', vendor_id: 1 }] }, 'params.devices[0].product_id'],
    [{ devices: [{ type: 'pci', bus: 1, slot: 32, function: 0 }] }, 'params.devices[0].slot'],
  ]
  for (const [params, path] of wrong) {
    it(`${JSON.stringify(params)} is refused as ${path}`, async () => {
      const { code, details } = await refusal(params)
      expect(code).to.equal('libvirt.bad_property')
      expect(details['property']).to.equal(path)
    })
  }

  it('hostile names and paths stay texts', async () => {
    const path = `/images/'"<&>]]></source><source file='/etc/shadow'/>`
    const network = `a'/><model type='evil'/><x y='`
    const domain = await described({ disks: [{ file: path }], networks: [{ network }] })
    expect(allAt(domain, 'devices/disk/source').map(({ attributes }) => attributes)).to.deep.equal([{ file: path }])
    expect(attributeAt(domain, 'devices/interface/source', 'network')).to.equal(network)
    expect(allAt(domain, 'devices/interface/model')).to.have.length(1)
  })

  describe('by a template', () => {
    const text = `<domain type='{{ domain_type }}'><name>another</name><uuid>00000000-0000-4000-8000-000000000000</uuid>
      <title>{{ title }}</title><memory>{{memory_size}}</memory><metadata><o:wn xmlns:o='urn:o'/></metadata>
      <devices><disk type='file'><source file='{{ disks[0].file }}'/><target dev='{{ disks.0.dev }}'/></disk></devices></domain>`
    const params = { title: `</title><evil/>'"&`, memory_size: 4096, disks: [{ dev: 'vda', file: `/a'/><b c='` }] }

    for (const [from, inputs, files] of [
      ['a text', { template_content: text }, {}],
      ['a file of the blueprint', { template_resource: 'vm.xml' }, { 'vm.xml': text }],
    ] as const) {
      it(`from ${from}: values are filled in as texts, name, uuid and mark are ours`, async () => {
        const domain = await described(params, inputs, files)
        expect(textAt(domain, 'name')).to.equal('vm')
        expect(textAt(domain, 'uuid')).to.equal(identity.uuid)
        expect(textAt(domain, 'title')).to.equal(params.title)
        expect(textAt(domain, 'memory')).to.equal('4096')
        expect(attributeAt(domain, 'devices/disk/source', 'file')).to.equal(`/a'/><b c='`)
        expect(firstAt(domain, 'metadata/o:wn')).to.not.equal(undefined)
        expect(isMarkedBy(domain, { deployment: 'examples', instance: 'server_x1y2z3' })).to.equal(true)
      })
    }

    it('what it cannot be filled with is named', async () => {
      const { message } = await refusal({}, { template_content: '<domain><name>{{ nobody }}</name></domain>' })
      expect(message).to.equal("property 'template_content': params has no value 'nobody' to fill in")
    })

    it('something else than a domain is refused', async () => {
      expect((await refusal({}, { template_content: '<network/>' })).code).to.equal('libvirt.bad_xml')
      expect((await refusal({}, { template_content: '<domain>' })).code).to.equal('libvirt.bad_xml')
    })
  })
})
