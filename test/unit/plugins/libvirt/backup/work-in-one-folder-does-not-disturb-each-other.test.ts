// Claim: a folder that no pool knows gets one of ours while somebody works in it; who has done with it first takes it from
// nobody else, and who was the last leaves none. A pool that stood still stands still again.
import { expect } from 'chai'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asFault } from '../../../../../src/kernel/fault.ts'
import { errorCodes } from '../../../../../src/plugins/libvirt/client/error-codes.ts'
import { backupSite, type BackupSite } from '../../../../support/libvirt-backups.ts'

describe('work in one folder', () => {
  let site: BackupSite
  let folder: string
  const pools = (): readonly string[] => [...site.libvirtd.host.storage.pools.keys()]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fermata-restored-'))
  })
  afterEach(async () => {
    await site[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('by restores of several domains at once ends well for all, and leaves no pool', async () => {
    site = await backupSite()
    const then = site.domain.content('vda')
    const part = await site.backup('one')
    const names = ['red', 'green', 'blue']
    await Promise.all(
      names.map((restore_as) => site.apply(part, { key: restore_as, inputs: { restore_as, restore_dir: folder } })),
    )
    for (const name of names) expect(site.libvirtd.domain(name).content('vda')).to.equal(then)
    expect(pools()).to.deep.equal(['disks'])
  })

  it('that fails for one of them goes on for the others', async () => {
    site = await backupSite()
    const part = await site.backup('one')
    site.libvirtd.faults.fail('STORAGE_VOL_CREATE_XML_FROM', { code: 38, message: 'No space left on device' })
    const done = await Promise.allSettled(
      ['red', 'green'].map((restore_as) =>
        site.apply(part, { key: restore_as, inputs: { restore_as, restore_dir: folder } }),
      ),
    )
    expect(done.map(({ status }) => status).toSorted()).to.deep.equal(['fulfilled', 'rejected'])
    expect(pools()).to.deep.equal(['disks'])
  })

  it('of a pool that stood still leaves it so, also when a backup is deleted or taken back', async () => {
    site = await backupSite({}, { backup_pool: 'shelf' })
    const { storage } = site.libvirtd.host
    const shelf = storage.define(`<pool type='dir'><name>shelf</name><target><path>${folder}</path></target></pool>`)
    const part = await site.backup('one')
    expect(shelf.isActive).to.equal(false)
    await site.remove('one', part)
    expect(shelf.isActive).to.equal(false)
    await site.cut('two')
    await site.remove('two')
    expect(shelf.isActive).to.equal(false)
  })

  it('of a pool that stood still leaves it so when a backup is settled only at the second attempt', async () => {
    site = await backupSite({}, { backup_pool: 'shelf' })
    const { storage } = site.libvirtd.host
    const shelf = storage.define(`<pool type='dir'><name>shelf</name><target><path>${folder}</path></target></pool>`)
    const receipt = await site.cut('one')
    site.libvirtd.faults.fail('DOMAIN_LOOKUP_BY_UUID', { code: errorCodes.SYSTEM_ERROR })
    const [first] = await Promise.allSettled([site.settle('one', receipt)])
    expect(first?.status).to.equal('rejected')
    expect(shelf.isActive).to.equal(false)
    await site.settle('one', receipt)
    expect(shelf.isActive).to.equal(false)
  })

  it('of a pool that stood still leaves it so when it is refused because that holds no files', async () => {
    site = await backupSite({}, { backup_pool: 'shelf' })
    const { storage } = site.libvirtd.host
    const shelf = storage.define(
      `<pool type='logical'><name>shelf</name><target><path>${folder}</path></target></pool>`,
    )
    const [cut] = await Promise.allSettled([site.cut('one')])
    expect(cut?.status === 'rejected' && asFault(cut.reason).message).to.contain("the pool 'shelf' holds no files")
    expect(shelf.isActive).to.equal(false)
  })

  it('of a pool that stood still leaves it so when the disk of a domain that is off is gone from it', async () => {
    site = await backupSite({}, { resource_id: 'other' })
    const { storage } = site.libvirtd.host
    const shelf = storage.define(`<pool type='dir'><name>shelf</name><target><path>${folder}</path></target></pool>`)
    const disk = `<disk type='volume'><driver type='qcow2'/><source pool='shelf' volume='gone'/><target dev='vda'/></disk>`
    const xml = `<domain type='kvm'><name>other</name><memory>65536</memory><devices>${disk}</devices></domain>`
    site.libvirtd.addDomain({ name: 'other', state: 'shut off', xml })
    await rm(join(folder, 'gone'), { force: true })
    const [cut] = await Promise.allSettled([site.cut('one')])
    expect(cut?.status === 'rejected' && asFault(cut.reason).code).to.equal('libvirt.backup_refused')
    expect(site.libvirtd.calls).to.include('STORAGE_POOL_CREATE')
    expect(shelf.isActive).to.equal(false)
  })
})
