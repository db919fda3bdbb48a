// Claim: what a volume held at the cut is kept as a copy that was read back, and comes back byte by byte; where a running
// domain has it open nothing is claimed, and nothing is overwritten.
import { expect } from 'chai'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { temporaryFolder, type TemporaryFolder } from '../../../../support/folder.ts'
import { destroy } from '../../../../support/libvirt/model/power.ts'
import type { Domain } from '../../../../support/libvirt/model/domain.ts'
import { contentOf, readImage, textOf, writeImage } from '../../../../support/libvirt/model/image.ts'
import { resourceNode, type ResourceNode } from '../../../../support/libvirt/resource-on-fake.ts'
import { faultOf } from '../../../../support/fault-of.ts'

describe('volumes come back with their contents', () => {
  let libvirtd: FakeLibvirtd
  let node: ResourceNode
  let folder: TemporaryFolder

  beforeEach(async () => {
    folder = await temporaryFolder()
    libvirtd = await fakeLibvirtd({ domains: [] })
  })
  afterEach(async () => {
    await node[Symbol.asyncDispose]()
    await libvirtd.close()
    await folder[Symbol.asyncDispose]()
  })

  const path = (): string => join(libvirtd.folder, 'data')
  async function made(params: JsonObject = {}): Promise<void> {
    node = resourceNode(libvirtd, 'volume', {
      backup_dir: folder.path,
      params: { name: 'data', pool: 'disks', capacity: 1, ...params },
    })
    await node.run('create')
  }
  const write = (text: string): void => {
    const bytes = readFileSync(path())
    bytes.fill(0)
    bytes.write(text)
    writeFileSync(path(), bytes)
  }
  const text = (): string => readFileSync(path()).toString('latin1').replace(/\0+$/, '')
  const inPool = (): string[] => readdirSync(libvirtd.folder).toSorted()
  const open = (format = 'raw'): Domain =>
    libvirtd.addDomain({
      name: 'vm',
      xml: `<domain type='qemu'><name>vm</name><memory unit='KiB'>65536</memory><devices>
        <disk type='file' device='disk'><driver name='qemu' type='${format}'/><source file='${path()}'/><target dev='vda'/></disk>
        </devices></domain>`,
    })

  for (const [kind, isIncremental] of [
    ['snapshot', true],
    ['backup', false],
  ] as const) {
    it(`a ${kind} brings back what was written over, and leaves nothing when it is deleted`, async () => {
      await made()
      write('before')
      const part = await node.save('monday', isIncremental)
      expect(part).to.deep.include({ kind: 'libvirt.volume', bytes: 1024 * 1024 })
      expect(inPool().length).to.equal(isIncremental ? 3 : 1)
      expect(readdirSync(folder.path).length).to.equal(isIncremental ? 0 : 1)
      expect(await node.verify(part)).to.deep.equal({ isUsable: true, isMissing: false, reason: null })
      write('after, and longer')
      const { differences } = await node.compare(part)
      expect(differences.map(({ path: at, kind: what }) => [at, what])).to.deep.equal([['/volume/sha256', 'changed']])
      expect(await node.apply(part)).to.deep.equal({ result: 'applied', differences: ['/volume/sha256'] })
      expect(text()).to.equal('before')
      expect(await node.apply(part)).to.deep.include({ result: 'same' })
      await node.remove(part, 'monday', isIncremental)
      expect([inPool(), readdirSync(folder.path)]).to.deep.equal([['data'], []])
      expect(await node.verify(part)).to.deep.include({ isUsable: false, isMissing: true })
      await node.remove(part, 'monday', isIncremental)
    })
  }

  it('one that is gone is made anew', async () => {
    await made()
    write('before')
    const part = await node.save('monday', false)
    rmSync(path())
    libvirtd.host.storage.pool('disks').refresh()
    await node.apply(part)
    expect(text()).to.equal('before')
  })

  for (const procedure of ['STORAGE_VOL_UPLOAD', 'STORAGE_VOL_RESIZE'] as const)
    it(`a restore that was cut off at ${procedure} is carried on`, async () => {
      await made()
      write('before')
      const part = await node.save('monday', false)
      writeFileSync(path(), Buffer.alloc(3 * 1024 * 1024, 'x'))
      libvirtd.faults.drop(procedure, 'after')
      await faultOf(node.apply(part))
      expect(await node.apply(part)).to.deep.include({ result: 'applied' })
      expect([text(), readFileSync(path()).length]).to.deep.equal(['before', 1024 * 1024])
    })

  it('one that grew is as small as it was', async () => {
    await made()
    write('before')
    const part = await node.save('monday', false)
    writeFileSync(path(), Buffer.alloc(3 * 1024 * 1024, 'x'))
    await node.apply(part)
    expect([text(), readFileSync(path()).length]).to.deep.equal(['before', 1024 * 1024])
  })

  it('an image keeps its kind', async () => {
    await made({ format: 'qcow2' })
    const part = await node.save('monday', false)
    const image = readImage(path(), 'qcow2')
    image.blocks = contentOf(path())
    writeImage(path(), { ...image, capacity: 2 * 1024 * 1024 })
    await node.apply(part)
    expect(readImage(path(), 'qcow2').capacity).to.equal(1024 * 1024)
    expect(textOf(contentOf(path()))).to.equal('')
  })

  it("while a running domain has it open its contents are that one's, and the part says so", async () => {
    await made()
    open()
    const part = await node.save('monday', false)
    expect(part).to.deep.include({ coveredBy: ['vm'], place: null, bytes: null, digest: null })
    expect(node.lines.join('\n')).to.contain('vm')
    expect(readdirSync(folder.path)).to.deep.equal([])
    expect(await node.apply(part)).to.deep.include({ result: 'same' })
    libvirtd.host.storage.resize({ pool: 'disks', name: 'data', key: path() }, 2 * 1024 * 1024)
    const fault = await faultOf(node.apply(part))
    expect([fault.code, fault.effect]).to.deep.equal(['libvirt.differs', 'none'])
    await node.remove(part, 'monday', false)
  })

  it('a restore under a running domain is refused, and is done when that is off', async () => {
    await made()
    write('before')
    const part = await node.save('monday', false)
    write('after')
    const domain = open()
    expect((await faultOf(node.apply(part))).code).to.equal('libvirt.in_use')
    expect(text()).to.equal('after')
    destroy(domain)
    await node.apply(part)
    expect(text()).to.equal('before')
  })

  it('a copy that was damaged is found, and nothing is overwritten with it', async () => {
    await made()
    write('before')
    const part = await node.save('monday', false)
    const copy = join(folder.path, String(part['name']), 'volume.raw')
    const bytes = readFileSync(copy)
    bytes.write('damage', 5000)
    writeFileSync(copy, bytes)
    write('after')
    expect(await node.verify(part)).to.deep.include({ isUsable: false, isMissing: false })
    expect((await faultOf(node.apply(part))).code).to.equal('libvirt.backup_damaged')
    expect(text()).to.equal('after')
  })

  it('what is written to while it is copied is no backup, and leaves nothing', async () => {
    await made()
    const receipt = await node.cut('monday', { inputs: { snapshot_incremental: false } })
    libvirtd.faults.when('STORAGE_VOL_CREATE_XML_FROM', 'after', () => write('in between'))
    expect((await faultOf(node.settle('monday', receipt))).code).to.equal('libvirt.backup_failed')
    expect(readdirSync(folder.path)).to.deep.equal([])
  })

  it('an attempt that lost its answer is carried on to the same part, and one that is taken back leaves nothing', async () => {
    await made()
    write('before')
    const inputs = { snapshot_incremental: false }
    const receipt = await node.cut('monday', { inputs })
    libvirtd.faults.drop('STORAGE_VOL_CREATE_XML_FROM', 'after')
    await faultOf(node.settle('monday', receipt))
    const part = await node.settle('monday', receipt)
    expect(await node.settle('monday', receipt)).to.deep.equal(part)
    await node.remove(undefined, 'monday', false)
    expect(readdirSync(folder.path)).to.deep.equal([])
    expect(existsSync(path())).to.equal(true)
  })

  it('while libvirt works in its pool, and will not look at it, it is asked again', async () => {
    await made()
    write('before')
    const busy = { code: 1, message: "internal error: pool 'disks' has asynchronous jobs running." }
    libvirtd.faults.fail('STORAGE_POOL_REFRESH', busy)
    const part = await node.save('monday')
    expect(await node.verify(part)).to.deep.include({ isUsable: true })
  })

  it('without an absolute backup_dir the copy lies in the pool of the volume', async () => {
    node = resourceNode(libvirtd, 'volume', { params: { name: 'data', pool: 'disks', capacity: 1 } })
    await node.run('create')
    const part = await node.save('monday', false)
    expect(inPool().length).to.equal(3)
    await node.remove(part, 'monday', false)
    expect(inPool()).to.deep.equal(['data'])
  })
})
