// Claim: a volume is made once and filled with exactly what the blueprint names, or not at all in the eyes of who starts it;
// nobody else's is taken for it, and none that runs is deleted.
import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { destroy } from '../../../../support/libvirt/model/power.ts'
import { resourceNode, type ResourceNode } from '../../../../support/libvirt/resource-on-fake.ts'
import { faultOf } from '../../../../support/fault-of.ts'

const content = Buffer.alloc(1_500_000, 'content of an image ')
const sha256 = createHash('sha256').update(content).digest('hex')

describe('volumes are filled with what was meant', () => {
  let libvirtd: FakeLibvirtd
  let node: ResourceNode
  let server: Server
  let address: string
  /** What the server does with a GET. */
  let answer: 'whole' | 'half' | 'missing'

  before(async () => {
    server = createServer((request, response) => {
      if (answer === 'missing') return void response.writeHead(404).end('<h1>not here</h1>')
      response.setHeader('content-length', content.length)
      if (request.method === 'HEAD') return void response.end()
      if (answer === 'whole') return void response.end(content)
      response.write(content.subarray(0, 700_000), () => response.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}/image.raw?token=secret`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  beforeEach(async () => {
    answer = 'whole'
    libvirtd = await fakeLibvirtd({ domains: [] })
  })
  afterEach(async () => {
    await node[Symbol.asyncDispose]()
    await libvirtd.close()
  })

  const start = (params: JsonObject): void => {
    node = resourceNode(libvirtd, 'volume', { params: { name: 'data', pool: 'disks', ...params } })
  }
  const path = (): string => join(libvirtd.folder, 'data')
  const beginning = (): Buffer => readFileSync(path()).subarray(0, content.length)

  it('without a source it is empty, of the size that is wanted', async () => {
    start({ capacity: 2, allocation: 0 })
    await node.run('create')
    await node.run('start')
    expect(readFileSync(path()).equals(Buffer.alloc(2 * 1024 * 1024))).to.equal(true)
    expect(node.runtime).to.deep.include({ resource_id: 'data' })
    expect(node.runtime['params']).to.deep.include({ path: path(), pool: 'disks' })
  })

  it('what a web server has is in it, byte by byte, and is fetched once', async () => {
    start({ url: address, sha256 })
    await node.run('create')
    await node.run('start')
    expect(beginning().equals(content)).to.equal(true)
    expect(node.lines.join('\n')).not.to.contain('secret')
    const uploads = (): number => libvirtd.calls.filter((call) => call === 'STORAGE_VOL_UPLOAD').length
    expect(uploads()).to.equal(1)
    await node.run('start')
    expect(uploads()).to.equal(1)
  })

  it('one that a template describes needs no size in params', async () => {
    start({})
    const template = "<volume><name>other</name><capacity unit='KiB'>64</capacity></volume>"
    await node.run('create', { inputs: { template_content: template } })
    await node.run('start')
    expect(readFileSync(path()).length).to.equal(65_536)
    await node.run('delete')
    expect(existsSync(path())).to.equal(false)
  })

  it('without a size, a source or a template it is refused', async () => {
    start({})
    expect((await faultOf(node.run('create'))).message).to.contain('params.capacity')
  })

  it('a file of the blueprint serves, too', async () => {
    start({ url: 'images/seed.raw', capacity: 1 })
    const files = { 'images/seed.raw': 'a seed' }
    await node.run('create', { files })
    await node.run('start', { files })
    expect(readFileSync(path()).subarray(0, 6).toString()).to.equal('a seed')
  })

  it('another content than was meant is a fault, and is fetched again', async () => {
    start({ url: address, sha256: '0'.repeat(64) })
    await node.run('create')
    const fault = await faultOf(node.run('start'))
    expect([fault.code, fault.effect]).to.deep.equal(['libvirt.wrong_contents', 'done'])
    expect(JSON.stringify(fault)).not.to.contain('secret')
    expect((await faultOf(node.run('start'))).code).to.equal('libvirt.wrong_contents')
  })

  it('half of it is a fault, and the next attempt brings all', async () => {
    start({ url: address, sha256 })
    await node.run('create')
    answer = 'half'
    expect((await faultOf(node.run('start'))).code).to.equal('libvirt.no_contents')
    answer = 'whole'
    await node.run('start')
    expect(beginning().equals(content)).to.equal(true)
  })

  it('more than may come is cut off', async () => {
    start({ url: address, capacity: 4, max_download: 1 })
    await node.run('create')
    expect((await faultOf(node.run('start'))).message).to.contain('longer than 1048576 bytes')
  })

  it('the page of an error is no image', async () => {
    start({ url: address })
    answer = 'missing'
    const fault = await faultOf(node.run('create'))
    expect([fault.code, fault.effect, fault.retry]).to.deep.equal(['libvirt.no_contents', 'none', 'never'])
    expect(existsSync(path())).to.equal(false)
  })

  for (const moment of ['before', 'after'] as const) {
    it(`an answer lost ${moment} it was made leads to one volume`, async () => {
      start({ capacity: 1 })
      libvirtd.faults.drop('STORAGE_VOL_CREATE_XML', moment)
      await faultOf(node.run('create'))
      await node.run('create', { details: { attempt: 2, inDoubt: true } })
      expect(libvirtd.host.storage.volumes(libvirtd.host.storage.pool('disks')).map(({ name }) => name)).to.deep.equal([
        'data',
      ])
    })
  }

  it("another's of that name is neither used nor deleted", async () => {
    libvirtd.host.storage.create(
      libvirtd.host.storage.pool('disks'),
      "<volume><name>data</name><capacity unit='MiB'>1</capacity></volume>",
    )
    start({ capacity: 1 })
    expect((await faultOf(node.run('create'))).code).to.equal('libvirt.name_taken')
    await node.run('delete')
    expect(existsSync(path())).to.equal(true)
  })

  it('one that a running domain has open is not deleted; later it is', async () => {
    start({ capacity: 1 })
    await node.run('create')
    const domain = libvirtd.addDomain({
      name: 'vm',
      xml: `<domain type='qemu'><name>vm</name><memory unit='KiB'>65536</memory><devices>
        <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${path()}'/><target dev='vda'/></disk>
        </devices></domain>`,
    })
    expect((await faultOf(node.run('delete'))).code).to.equal('libvirt.in_use')
    expect(existsSync(path())).to.equal(true)
    destroy(domain)
    await node.run('delete')
    expect(existsSync(path())).to.equal(false)
  })
})
