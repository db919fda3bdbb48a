// Claim: what the catalog keeps of a network is enough to have it back; a restore that cannot make it the same says so and
// what differs, and never ends well with a difference.
import { expect } from 'chai'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { temporaryFolder, type TemporaryFolder } from '../../../../support/folder.ts'
import { resourceNode, type ResourceNode } from '../../../../support/libvirt/resource-on-fake.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import type { Network } from '../../../../support/libvirt/model/networks.ts'
import { attributeAt, editAt, withAttributes } from '../../../../../src/plugins/libvirt/xml/element.ts'
import { writeXml } from '../../../../../src/plugins/libvirt/xml/write.ts'

const host = (last: number): JsonObject => ({ mac: `52:54:00:00:00:0${last}`, ip: `10.1.1.${last}` })
const params = {
  name: 'lan',
  dev: 'lanbr0',
  forwards: [{ mode: 'nat' }],
  ips: [
    {
      address: '10.1.1.1',
      netmask: '255.255.255.0',
      dhcp: { start: '10.1.1.2', end: '10.1.1.99', hosts: [host(2), host(3)] },
    },
  ],
}
const user = `<domain type='qemu'><name>vm</name><memory unit='KiB'>65536</memory><devices>
  <interface type='network'><mac address='52:54:00:00:00:02'/><source network='lan'/></interface></devices></domain>`

describe('networks come back as they were saved', () => {
  let libvirtd: FakeLibvirtd
  let node: ResourceNode
  let folder: TemporaryFolder
  const lan = (): Network => libvirtd.host.networks.find('lan')

  beforeEach(async () => {
    folder = await temporaryFolder()
    libvirtd = await fakeLibvirtd({ domains: [] })
    node = resourceNode(libvirtd, 'network', { params, backup_dir: folder.path })
    await node.run('create')
  })
  afterEach(async () => {
    await node[Symbol.asyncDispose]()
    await libvirtd.close()
    await folder[Symbol.asyncDispose]()
  })

  /** As somebody would by hand: another end of its range. */
  function changeRange(): void {
    const changed = editAt(lan().config, 'ip/dhcp/range', (range) => withAttributes(range, { end: '10.1.1.50' }))
    libvirtd.host.networks.define(writeXml(changed))
  }
  const endOfRange = (): string | undefined => attributeAt(lan().config, 'ip/dhcp/range', 'end')

  function dropHost(): void {
    const without = (document: Network['config']): Network['config'] =>
      editAt(document, 'ip/dhcp/host', (one) => (one.attributes['ip'] === '10.1.1.3' ? null : one))
    const network = lan()
    network.config = without(network.config)
    if (network.live) network.live = without(network.live)
  }

  it('one that is deleted comes back with its uuid, running and starting by itself', async () => {
    const part = await node.save('monday')
    const { uuid } = lan()
    libvirtd.host.networks.stop(lan())
    libvirtd.host.networks.undefine(lan())
    expect(await node.apply(part)).to.deep.include({ result: 'applied' })
    expect(lan().uuid).to.equal(uuid)
    expect([lan().isActive, lan().autostart, endOfRange()]).to.deep.equal([true, true, '10.1.1.99'])
  })

  it('one that nobody changed is left alone', async () => {
    const part = await node.save('monday')
    const before = libvirtd.calls.length
    expect(await node.apply(part)).to.deep.equal({ result: 'same', differences: [] })
    expect(libvirtd.calls.slice(before).filter((call) => /DEFINE|DESTROY|CREATE|UPDATE/.test(call))).to.deep.equal([])
  })

  it('one that was changed is started anew, when nobody uses it', async () => {
    const part = await node.save('monday')
    changeRange()
    expect(await node.apply(part)).to.deep.include({ result: 'applied' })
    expect(endOfRange()).to.equal('10.1.1.99')
    expect(lan().isActive).to.equal(true)
  })

  it('one that a running domain uses is not stopped: what differs is said, and nothing is done', async () => {
    const part = await node.save('monday')
    changeRange()
    libvirtd.addDomain({ name: 'vm', xml: user })
    const fault = await faultOf(node.apply(part))
    expect(fault.code).to.equal('libvirt.differs')
    expect(fault.effect).to.equal('none')
    expect(fault.message).to.contain("'vm'").and.to.contain("/network/ip[@address='10.1.1.1']/dhcp/range")
    expect(endOfRange()).to.equal('10.1.1.50')
  })

  it('fixed addresses come back while domains go on', async () => {
    const part = await node.save('monday')
    libvirtd.addDomain({ name: 'vm', xml: user })
    dropHost()
    const before = libvirtd.calls.length
    expect(await node.apply(part)).to.deep.include({ result: 'applied' })
    expect(libvirtd.calls.slice(before)).not.to.include('NETWORK_DESTROY')
    expect((await node.compare(part)).isSame).to.equal(true)
  })

  it('one that comes back different is no success', async () => {
    const part = await node.save('monday')
    changeRange()
    // Somebody undoes it in the same moment.
    libvirtd.faults.when('NETWORK_CREATE', 'after', changeRange)
    const fault = await faultOf(node.apply(part))
    expect([fault.code, fault.effect]).to.deep.equal(['libvirt.differs', 'done'])
  })

  it('a comparison tells who changed what', async () => {
    const part = await node.save('monday')
    expect(await node.compare(part)).to.deep.equal({ isSame: true, differences: [] })
    changeRange()
    libvirtd.host.networks.stop(lan())
    const { isSame, differences } = await node.compare(part)
    expect(isSame).to.equal(false)
    expect(differences.filter(({ path }) => path.endsWith('/@end') || path === '/network/active')).to.deep.equal([
      { path: '/network/active', kind: 'changed', blueprint: null, live: 'false', backup: 'true' },
      {
        path: "/network/ip[@address='10.1.1.1']/dhcp/range[@start='10.1.1.2']/@end",
        kind: 'drifted',
        blueprint: '10.1.1.99',
        live: '10.1.1.50',
        backup: '10.1.1.99',
      },
    ])
  })

  it('a whole backup is a file, too, under the kind of its object; deleted, it leaves nothing', async () => {
    const part = await node.save('full', false)
    const [own] = readdirSync(folder.path)
    expect(own).to.match(/^network-lan-network_1-full-/)
    expect(readdirSync(join(folder.path, own ?? ''))).to.deep.equal(['network.xml'])
    expect(await node.verify(part)).to.deep.equal({ isUsable: true, isMissing: false, reason: null })
    writeFileSync(join(folder.path, own ?? '', 'network.xml'), '<network/>')
    expect(await node.verify(part)).to.deep.include({ isUsable: false, isMissing: false })
    expect((await faultOf(node.apply(part))).code).to.equal('libvirt.backup_damaged')
    await node.remove(part, 'full', false)
    expect(readdirSync(folder.path)).to.deep.equal([])
    expect(await node.verify(part)).to.deep.include({ isUsable: false, isMissing: true })
    await node.remove(part, 'full', false)
  })

  it('a whole backup brings it back, also when it is gone', async () => {
    const part = await node.save('full', false)
    changeRange()
    expect(await node.apply(part)).to.deep.include({ result: 'applied' })
    expect(endOfRange()).to.equal('10.1.1.99')
    libvirtd.host.networks.stop(lan())
    libvirtd.host.networks.undefine(lan())
    expect(await node.apply(part)).to.deep.include({ result: 'applied' })
    expect([lan().uuid, lan().isActive, endOfRange()]).to.deep.equal([part['uuid'], true, '10.1.1.99'])
  })

  it('a snapshot that is deleted leaves the network as it is', async () => {
    const part = await node.save('monday')
    const before = [lan().uuid, lan().isActive, writeXml(lan().config)]
    for (const _time of [1, 2]) await node.remove(part, 'monday')
    expect([lan().uuid, lan().isActive, writeXml(lan().config)]).to.deep.equal(before)
    expect(readdirSync(folder.path)).to.deep.equal([])
  })

  it('a cut that is taken back leaves nothing, whatever it came to', async () => {
    await node.save('full', false)
    await node.remove(undefined, 'full', false)
    expect(readdirSync(folder.path)).to.deep.equal([])
    await node.remove(undefined, 'never', false)
  })

  it('without an absolute backup_dir its file lies on our side', async () => {
    await node[Symbol.asyncDispose]()
    node = resourceNode(libvirtd, 'network', { params: {}, use_external_resource: true, resource_id: 'lan' })
    await node.run('create')
    const part = await node.save('full', false)
    expect(await node.verify(part)).to.deep.include({ isUsable: true })
    await node.remove(part, 'full', false)
    expect(await node.verify(part)).to.deep.include({ isMissing: true })
  })

  for (const place of [{ local: '../../elsewhere' }, { local: '/elsewhere' }, { directory: 'elsewhere' }])
    it(`a record that leads to ${JSON.stringify(place)} is refused: nothing there is read or deleted`, async () => {
      const part = { ...(await node.save('full', false)), place }
      for (const doing of [node.verify(part), node.apply(part), node.remove(part, 'full', false)])
        expect((await faultOf(doing)).code).to.equal('libvirt.backup_damaged')
    })
})
