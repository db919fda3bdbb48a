// Libvirt has QEMU make the files of a backup while the guest stands still; where the folder is ours, too, they are there before.
import { expect } from 'chai'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { errorCodes } from '../../../../../src/plugins/libvirt/client/error-codes.ts'
import { emptyImage, sizeOfImage } from '../../../../../src/plugins/libvirt/backup/empty-image.ts'
import { backupSite, type BackupSite } from '../../../../support/libvirt-backups.ts'

describe('the files of a backup', () => {
  let site: BackupSite
  /** Files and sizes of images that lay there when each backup was to begin. */
  let ready: (readonly [string, bigint | undefined])[][]
  const open = async (properties: JsonObject = {}): Promise<void> => {
    site = await backupSite({}, properties)
    ready = []
    const look = (): void => {
      const files = site.left().filter((path) => path.endsWith('.qcow2'))
      ready.push(files.map((path) => [basename(path), sizeOfImage(readFileSync(join(site.folder, path)))]))
    }
    site.libvirtd.faults.when('DOMAIN_BACKUP_BEGIN', 'before', look, { times: Number.POSITIVE_INFINITY })
  }
  const counts = (): number[] => ready.map((files) => files.length)
  const capacity = (target: string): bigint => {
    const image = readFileSync(join(site.libvirtd.folder, `vm-${target}.qcow2`))
    return sizeOfImage(image) ?? 0n
  }
  afterEach(() => site[Symbol.asyncDispose]())

  it('lie ready, as large as the disks', async () => {
    await open()
    site.domain.writer.write()
    const part = await site.backup('one')
    expect(ready).to.have.lengthOf(1)
    expect(ready[0]).to.have.deep.members([
      ['vda.qcow2', capacity('vda')],
      ['vdb.qcow2', capacity('vdb')],
    ])
    expect(site.saved(part)).to.equal(site.domain.content('vda'))
  })

  it('are made by libvirt when it cannot begin with ours: it may see another folder', async () => {
    await open()
    site.libvirtd.faults.fail('DOMAIN_BACKUP_BEGIN', { code: errorCodes.INTERNAL_ERROR, message: 'No such file' })
    const part = await site.backup('one')
    expect(counts()).to.deep.equal([2, 0])
    expect(site.saved(part)).to.equal(site.domain.content('vda'))
  })

  it('are made by libvirt when a disk has another size by now', async () => {
    await open()
    const { head } = emptyImage(512n)
    const shrink = (): void => {
      const path = site.left().find((name) => name.endsWith('vdb.qcow2')) ?? ''
      writeFileSync(join(site.folder, path), head)
    }
    site.libvirtd.faults.when('DOMAIN_BACKUP_BEGIN', 'before', shrink)
    const part = await site.backup('one')
    expect(counts()).to.deep.equal([2, 0])
    expect(site.saved(part, 'vdb')).to.equal(site.domain.content('vdb'))
  })

  it('are made by libvirt when the size of a disk cannot be read here', async () => {
    await open()
    const unreadable = join(site.libvirtd.folder, 'vm-vdb.qcow2')
    const image = readFileSync(unreadable)
    site.libvirtd.faults.when('STORAGE_POOL_CREATE_XML', 'after', () => rmSync(unreadable))
    site.libvirtd.faults.when('DOMAIN_BACKUP_BEGIN', 'before', () => writeFileSync(unreadable, image))
    await site.backup('one')
    expect(counts()).to.deep.equal([0])
  })

  it('are made by libvirt for what rests on an earlier one: zeros might not be written over what that holds', async () => {
    await open({ backup_chain: 'incremental' })
    await site.backup('one')
    site.domain.writer.write()
    const second = await site.backup('two')
    expect(second.disks[0]?.mode).to.equal('incremental')
    expect(counts(), 'those of the first one, each time').to.deep.equal([2, 2])
  })

  it('go with the attempt when its answer is lost', async () => {
    await open()
    site.libvirtd.faults.drop('DOMAIN_BACKUP_BEGIN', 'before')
    const lost = await site.cut('one').then(
      () => 'cut',
      () => 'lost',
    )
    expect(lost).to.equal('lost')
    expect(counts()).to.deep.equal([2])
    await site.remove('one')
    expect(site.left()).to.deep.equal([])
  })
})
