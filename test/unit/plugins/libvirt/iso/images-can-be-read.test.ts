// Claim: an image that we write is an ISO 9660 image: its files are found through all three of its ways of naming them, and
// are what was put in.
import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isoImage } from '../../../../../src/plugins/libvirt/iso/image.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { resourceNode, type ResourceNode } from '../../../../support/libvirt/resource-on-fake.ts'

type Way = 'short' | 'rock ridge' | 'joliet'

/** Path -> content, read as the standard says; nothing of what wrote it is used. */
function filesOf(image: Buffer, way: Way): Readonly<Record<string, string>> {
  const descriptor = image.subarray((way === 'joliet' ? 17 : 16) * 2048)
  expect(descriptor.toString('latin1', 1, 6)).to.equal('CD001')
  expect(descriptor.readUInt32LE(80) * 2048, 'the size of the volume').to.equal(image.length)
  const found: Record<string, string> = {}
  const read = (record: Buffer, path: string): void => {
    const [extent, bytes] = [record.readUInt32LE(2), record.readUInt32LE(10)]
    expect([record.readUInt32BE(6), record.readUInt32BE(14)]).to.deep.equal([extent, bytes])
    const content = image.subarray(extent * 2048, extent * 2048 + bytes)
    if (((record[25] ?? 0) & 2) === 0) return void (found[path] = content.toString('utf8'))
    for (let at = 0; at < content.length;) {
      const length = content[at] ?? 0
      // The rest of a sector.
      if (length === 0) at = (Math.floor(at / 2048) + 1) * 2048
      else {
        const child = content.subarray(at, at + length)
        if (!isDot(child)) read(child, `${path}/${nameOf(child, way)}`)
        at += length
      }
    }
  }
  read(descriptor.subarray(156, 190), '')
  return found
}

const isDot = (record: Buffer): boolean => record[32] === 1 && (record[33] ?? 9) <= 1

function nameOf(record: Buffer, way: Way): string {
  const length = record[32] ?? 0
  const name = record.subarray(33, 33 + length)
  if (way === 'joliet') return Buffer.from(name).swap16().toString('utf16le')
  if (way === 'short') return name.toString('latin1')
  for (let at = 33 + length + (length % 2 === 0 ? 1 : 0); at + 4 < record.length; at += record[at + 2] ?? 255)
    if (record.toString('latin1', at, at + 2) === 'NM')
      return record.toString('utf8', at + 5, at + (record[at + 2] ?? 0))
  throw new Error('it has no real name')
}

const at = new Date('2026-02-03T04:05:06Z')
const image = (files: Readonly<Record<string, string>>, label = 'cidata'): Buffer =>
  isoImage(new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])), { label, at })

describe('images can be read', () => {
  const files = {
    '/user-data': '#cloud-config\n',
    '/meta-data': 'instance-id: one\n',
    '/empty': '',
    '/openstack/latest/user_data': 'deep',
    '/openstack/latest/meta_data.json': '{}'.padEnd(5000),
    '/Größe.txt': 'ö',
  }

  for (const way of ['rock ridge', 'joliet'] as const)
    it(`by the names of ${way}`, () => {
      expect(filesOf(image(files), way)).to.deep.equal(files)
    })

  it('by short names, which are told apart', () => {
    const short = filesOf(
      image({ 'a-long-name-1.conf': 'one', 'a-long-name-2.conf': 'two', 'x.txt': 'three' }),
      'short',
    )
    expect(short).to.deep.equal({ '/A_LONG_N.;1': 'one', '/A_LONG_1.;1': 'two', '/X.TXT;1': 'three' })
  })

  it('in folders that fill many sectors', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`/d/file-number-${index}`, `${index}`]))
    for (const way of ['rock ridge', 'joliet'] as const) expect(filesOf(image(many), way)).to.deep.equal(many)
  })

  it('the same files at the same time are the same image', () => {
    expect(image(files).equals(image(files))).to.equal(true)
    expect(image(files).toString('latin1', 16 * 2048 + 40, 16 * 2048 + 46)).to.equal('cidata')
  })

  for (const path of ['../etc/passwd', 'a//b', 'a/./b', 'x'.repeat(65), 'a:b', 'a/b/c/d/e/f/g'])
    it(`no file is called ${path.slice(0, 20)}`, () => {
      expect(() => image({ [path]: '' }))
        .to.throw()
        .with.property('code', 'libvirt.bad_property')
    })

  describe('and are written to volumes', () => {
    let libvirtd: FakeLibvirtd
    let node: ResourceNode
    const pool = 'disks'
    const start = (params = {}): void => {
      node = resourceNode(libvirtd, 'iso9660', {
        params: { pool, files: { 'user-data': 'password: hunter2\n' }, ...params },
      })
    }
    beforeEach(async () => {
      libvirtd = await fakeLibvirtd({ domains: [] })
    })
    afterEach(async () => {
      await node[Symbol.asyncDispose]()
      await libvirtd.close()
    })

    it('one of ours, which goes with the node', async () => {
      start()
      await node.run('create')
      const path = join(libvirtd.folder, 'iso9660_1.iso')
      const { length } = image({ 'user-data': 'password: hunter2\n' })
      expect(filesOf(readFileSync(path).subarray(0, length), 'joliet')).to.deep.equal({
        '/user-data': 'password: hunter2\n',
      })
      expect(JSON.stringify([node.runtime, node.lines])).not.to.contain('hunter2')
      expect(node.runtime['params']).to.deep.include({ path })
      await node.run('create', { details: { attempt: 2, inDoubt: true } })
      await node.run('delete')
      expect(existsSync(path)).to.equal(false)
    })

    it("another node's, which stays", async () => {
      libvirtd.host.storage.create(
        libvirtd.host.storage.pool(pool),
        "<volume><name>seed</name><capacity unit='MiB'>1</capacity></volume>",
      )
      start({ volume: 'seed' })
      await node.run('create')
      await node.run('delete')
      const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
      expect(digest(readFileSync(join(libvirtd.folder, 'seed')))).not.to.equal(digest(Buffer.alloc(1024 * 1024)))
    })

    it('none that is too small', async () => {
      libvirtd.host.storage.create(
        libvirtd.host.storage.pool(pool),
        "<volume><name>seed</name><capacity unit='KiB'>8</capacity></volume>",
      )
      start({ volume: 'seed' })
      expect((await faultOf(node.run('create'))).code).to.equal('libvirt.bad_property')
    })
  })
})
