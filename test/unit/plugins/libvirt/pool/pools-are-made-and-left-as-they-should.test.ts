// Claim: a pool's folder is made where there is none and goes only when it was made for the pool and is empty; pools come back
// from what the catalog keeps of them.
import { expect } from 'chai'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { temporaryFolder, type TemporaryFolder } from '../../../../support/folder.ts'
import { resourceNode, type ResourceNode } from '../../../../support/libvirt/resource-on-fake.ts'
import { faultOf } from '../../../../support/fault-of.ts'

describe('pools are made and left as they should', () => {
  let libvirtd: FakeLibvirtd
  let node: ResourceNode
  let folder: TemporaryFolder
  let path: string
  const install = async (): Promise<void> => {
    for (const operation of ['create', 'configure', 'start']) await node.run(operation)
  }
  const uninstall = async (): Promise<void> => {
    for (const operation of ['stop', 'delete']) await node.run(operation)
  }
  const names = (): string[] => [...libvirtd.host.storage.pools.keys()]

  beforeEach(async () => {
    folder = await temporaryFolder()
    path = join(folder.path, 'images')
    libvirtd = await fakeLibvirtd({ domains: [] })
    node = resourceNode(libvirtd, 'pool', { params: { name: 'images', path, capacity: 1 } })
  })
  afterEach(async () => {
    await node[Symbol.asyncDispose]()
    await libvirtd.close()
    await folder[Symbol.asyncDispose]()
  })

  it('its folder is made, it runs and starts by itself; when it goes nothing of it is left', async () => {
    await install()
    const pool = libvirtd.host.storage.pool('images')
    expect([existsSync(path), pool.isActive, pool.autostart]).to.deep.equal([true, true, true])
    await uninstall()
    expect(names()).to.deep.equal(['disks'])
    expect(existsSync(path)).to.equal(false)
  })

  it('a folder that was there stays, empty as it is', async () => {
    mkdirSync(path)
    await install()
    await uninstall()
    expect(names()).to.deep.equal(['disks'])
    expect(existsSync(path)).to.equal(true)
  })

  it('a folder that somebody put something into stays', async () => {
    await install()
    writeFileSync(join(path, 'theirs.img'), 'data')
    await uninstall()
    expect(names()).to.deep.equal(['disks'])
    expect(existsSync(join(path, 'theirs.img'))).to.equal(true)
  })

  it('a lost answer to the building of its folder does not make it the folder of others', async () => {
    await node.run('create')
    libvirtd.faults.drop('STORAGE_POOL_BUILD', 'after')
    await faultOf(node.run('configure'))
    await node.run('configure', { details: { attempt: 2, inDoubt: true } })
    await uninstall()
    expect(existsSync(path)).to.equal(false)
  })

  it('one that is gone comes back from the catalog', async () => {
    await install()
    const part = await node.save('monday')
    const { uuid } = libvirtd.host.storage.pool('images')
    libvirtd.host.storage.stop(libvirtd.host.storage.pool('images'))
    libvirtd.host.storage.undefine(libvirtd.host.storage.pool('images'))
    const { isSame, differences } = await node.compare(part)
    expect(isSame).to.equal(false)
    expect(differences.every(({ live }) => live === null)).to.equal(true)
    expect(await node.apply(part)).to.deep.include({ result: 'applied' })
    const again = libvirtd.host.storage.pool('images')
    expect([again.uuid, again.isActive, again.path]).to.deep.equal([uuid, true, path])
    expect(await node.apply(part)).to.deep.include({ result: 'same' })
  })

  it('a whole backup of it is a file, too, that brings it back, and leaves nothing when it is deleted', async () => {
    await node[Symbol.asyncDispose]()
    const backups = join(folder.path, 'backups')
    mkdirSync(backups)
    node = resourceNode(libvirtd, 'pool', { params: { name: 'images', path, capacity: 1 }, backup_dir: backups })
    await install()
    const part = await node.save('full', false)
    const [own = ''] = readdirSync(backups)
    expect(readdirSync(join(backups, own))).to.deep.equal(['pool.xml'])
    libvirtd.host.storage.stop(libvirtd.host.storage.pool('images'))
    libvirtd.host.storage.undefine(libvirtd.host.storage.pool('images'))
    expect(await node.apply(part)).to.deep.include({ result: 'applied' })
    expect([libvirtd.host.storage.pool('images').uuid, names()]).to.deep.equal([part['uuid'], ['disks', 'images']])
    await node.remove(part, 'full', false)
    expect([readdirSync(backups), names()]).to.deep.equal([[], ['disks', 'images']])
    expect(await node.verify(part)).to.deep.include({ isUsable: false, isMissing: true })
  })

  it('a snapshot that is deleted leaves the pool as it is', async () => {
    await install()
    const part = await node.save('monday')
    const { uuid, document } = libvirtd.host.storage.pool('images')
    for (const _time of [1, 2]) await node.remove(part, 'monday')
    const now = libvirtd.host.storage.pool('images')
    expect([now.uuid, now.isActive, now.document]).to.deep.equal([uuid, true, document])
  })

  it('one whose volumes are in use is not stopped for the sake of a restore', async () => {
    await install()
    const part = await node.save('monday')
    const pool = libvirtd.host.storage.pool('images')
    const moved = `<pool type='dir'><name>images</name><uuid>${pool.uuid}</uuid><target><path>${folder.path}</path></target></pool>`
    libvirtd.host.storage.define(moved)
    const file = join(folder.path, 'vda.qcow2')
    writeFileSync(file, '')
    libvirtd.addDomain({
      name: 'vm',
      xml: `<domain type='qemu'><name>vm</name><memory unit='KiB'>65536</memory><devices>
        <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='${file}'/><target dev='sda'/><readonly/></disk>
        </devices></domain>`,
    })
    const fault = await faultOf(node.apply(part))
    expect([fault.code, fault.effect]).to.deep.equal(['libvirt.differs', 'none'])
    expect(fault.message).to.contain('/pool/target/path').and.to.contain("'vm'")
  })
})
