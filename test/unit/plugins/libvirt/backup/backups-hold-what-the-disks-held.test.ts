// The original saved a description and, with full_dump, memory without disks. These hold the disks.
import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { asFault } from '../../../../../src/kernel/fault.ts'
import { errorCodes } from '../../../../../src/plugins/libvirt/client/error-codes.ts'
import { blankImage, writeImage } from '../../../../support/libvirt/model/image.ts'
import { backupSite, type BackupSite } from '../../../../support/libvirt-backups.ts'

describe('backups of domains', () => {
  let site: BackupSite
  const writes = (count: number): void => {
    for (let number = 0; number < count; number += 1) site.domain.writer.write()
  }
  const refusal = (doing: Promise<unknown>) =>
    doing.then(
      () => undefined,
      (thrown: unknown) => asFault(thrown),
    )
  afterEach(() => site[Symbol.asyncDispose]())

  it('hold every disk as it was at the cut, whatever the guest writes while they are copied', async () => {
    site = await backupSite()
    writes(3)
    const letGo = site.libvirtd.hold('backup')
    const then = site.domain.content('vda')
    const receipt = await site.cut('one')
    writes(5)
    letGo()
    const part = await site.settle('one', receipt)
    expect(then).to.contain('record 3')
    expect(site.saved(part, 'vda')).to.equal(then)
    expect(site.saved(part, 'vdb')).to.equal(site.domain.content('vdb'))
    expect(site.domain.content('vda')).to.contain('record 8')
    expect(part.disks.map(({ target, mode }) => [target, mode])).to.deep.equal([
      ['vda', 'full'],
      ['vdb', 'full'],
    ])
  })

  it('leave the guest running, and begin all disks with one call', async () => {
    site = await backupSite()
    await site.backup('one')
    expect(site.domain.isActive).to.equal(true)
    const { calls } = site.libvirtd
    expect(calls.filter((name) => name === 'DOMAIN_BACKUP_BEGIN')).to.have.lengthOf(1)
    expect(calls).to.not.include.members(['DOMAIN_SUSPEND', 'DOMAIN_SAVE', 'DOMAIN_DESTROY'])
  })

  it('are on record with the size and digest of each file, and of the list of all of them', async () => {
    site = await backupSite()
    const part = await site.backup('one')
    const files = [...part.files, part.manifest]
    for (const { name, bytes, sha256 } of files) {
      const content = readFileSync(join(site.folder, part.name, name))
      expect([content.length, createHash('sha256').update(content).digest('hex')], name).to.deep.equal([bytes, sha256])
    }
    expect(files.map(({ name }) => name)).to.deep.equal([
      'vda.qcow2',
      'vdb.qcow2',
      'domain.xml',
      'pools.xml',
      'manifest.json',
    ])
    expect(part.digest).to.equal(part.manifest.sha256)
    expect(part.bytes).to.equal(part.files.reduce((sum, { bytes }) => sum + bytes, 0))
    expect(await site.verify(part)).to.deep.equal({ isUsable: true, isMissing: false, reason: null })
  })

  const streams = ['STORAGE_VOL_DOWNLOAD', 'STORAGE_VOL_UPLOAD'] as const

  it('are read and written by the hypervisor, where what we see under that path may be another folder', async () => {
    site = await backupSite()
    // What we put there a daemon with other mounts does not see: neither files that lie ready, nor what is looked for first.
    site.libvirtd.faults.fail('DOMAIN_BACKUP_BEGIN', { code: errorCodes.INTERNAL_ERROR })
    site.libvirtd.faults.fail('STORAGE_VOL_LOOKUP_BY_NAME', { code: errorCodes.NO_STORAGE_VOL })
    const part = await site.backup('one')
    expect(site.libvirtd.calls).to.include.members([...streams])
    expect(site.left().filter((path) => path.includes('trace'))).to.deep.equal([])
    expect(await site.verify(part)).to.include({ isUsable: true })
  })

  it('are read and written where they lie, when the hypervisor sees there what we have put there', async () => {
    site = await backupSite()
    const part = await site.backup('one')
    expect(site.libvirtd.calls).to.not.include.members([...streams])
    const files = [...part.files, part.manifest].map(({ name }) => join(part.name, name))
    expect(site.left()).to.have.members([part.name, ...files])
    for (const { name } of [part.manifest, ...part.files.slice(2)])
      expect(statSync(join(site.folder, part.name, name)).mode & 0o777, name).to.equal(0o600)
    expect(await site.verify(part), 'read by the daemon').to.include({ isUsable: true })
  })

  it('need a folder of the hypervisor', async () => {
    site = await backupSite()
    const fault = await refusal(site.cut('two', { inputs: { backup_dir: './' } }))
    expect([fault?.code, fault?.effect]).to.deep.equal(['libvirt.bad_property', 'none'])
  })

  it('know of two domains, or two deployments, of one name and one backup_dir which is whose', async () => {
    site = await backupSite()
    const [first, second] = [await site.backup('same', { key: 'one' }), await site.backup('same', { key: 'other' })]
    expect(first.name).to.not.equal(second.name)
    expect(first.name).to.match(/^domain-vm-vm_1-same-[0-9a-f]{12}$/)
    await site.remove('same', first)
    expect((await site.verify(second)).isUsable).to.equal(true)
  })

  it('are deleted without a definition for a pool that runs: libvirt may die of ending such a one beside others', async () => {
    site = await backupSite()
    const part = await site.backup('one')
    const before = site.libvirtd.calls.length
    await site.remove('one', part)
    const own = ['STORAGE_POOL_DEFINE_XML', 'STORAGE_POOL_DESTROY', 'STORAGE_POOL_DELETE', 'STORAGE_POOL_UNDEFINE']
    expect(site.libvirtd.calls.slice(before).filter((name) => own.includes(name))).to.deep.equal([
      'STORAGE_POOL_DESTROY',
      'STORAGE_POOL_DEFINE_XML',
      'STORAGE_POOL_DELETE',
      'STORAGE_POOL_UNDEFINE',
    ])
    expect(site.left()).to.deep.equal([])
  })

  it('can lie in a pool, beside what others keep there', async () => {
    site = await backupSite({}, { backup_pool: 'disks' })
    const part = await site.backup('one')
    expect(statSync(join(site.libvirtd.folder, `${part.name}-vda.qcow2`)).size).to.equal(part.files[0]?.bytes)
    expect((await site.verify(part)).isUsable).to.equal(true)
    await site.remove('one', part)
    expect(
      site.libvirtd.host.storage.volumes(site.libvirtd.host.storage.pool('disks')).map(({ name }) => name),
    ).to.deep.equal(['vm-vda.qcow2', 'vm-vdb.qcow2'])
  })

  it('refuse full_dump, which put memory back without its disks, before anything happens', async () => {
    site = await backupSite({}, { params: { full_dump: true } })
    for (const asked of [site.check('one'), site.cut('one')]) {
      const fault = await refusal(asked)
      expect([fault?.code, fault?.effect]).to.deep.equal(['libvirt.backup_refused', 'none'])
      expect(fault?.message).to.contain('full_dump')
    }
    expect(site.left()).to.deep.equal([])
  })

  it('are refused before anybody is frozen where they could not be kept', async () => {
    site = await backupSite({}, { backup_dir: './' })
    expect((await refusal(site.check('one')))?.code).to.equal('libvirt.bad_property')
    await site[Symbol.asyncDispose]()
    site = await backupSite({}, { backup_pool: 'nowhere' })
    expect((await refusal(site.check('one')))?.message).to.contain("there is no pool 'nowhere'")
    await site[Symbol.asyncDispose]()
    site = await backupSite()
    await site.check('one')
    expect(site.left()).to.deep.equal([])
  })

  it('save the passwords of a domain where only the hypervisor reads, and say them nowhere', async () => {
    site = await backupSite()
    const { host } = site.libvirtd
    const secret = 'swordfish-7'
    host.define(
      host.domainNamed('vm').xml(3).replace('</devices>', `<graphics type='vnc' passwd='${secret}'/></devices>`),
    )
    const part = await site.backup('one')
    expect(readFileSync(join(site.folder, part.name, 'domain.xml'), 'utf8')).to.contain(secret)
    expect(JSON.stringify(part)).to.not.contain(secret)
    expect(site.node.lines.join('\n')).to.not.contain(secret)
  })

  it('of a domain that is off are copies of its disks, sure because nothing ran', async () => {
    site = await backupSite({ state: 'shut off' })
    const part = await site.backup('one')
    expect(part.mode).to.equal('off')
    expect(site.saved(part, 'vda')).to.equal(site.domain.content('vda'))
    expect(site.domain.isActive).to.equal(false)
    expect(site.libvirtd.calls).to.not.include('DOMAIN_BACKUP_BEGIN')
  })

  it('of a domain that was written to between the cut and the copy fail', async () => {
    site = await backupSite({ state: 'shut off' })
    const receipt = await site.cut('one')
    site.domain.write('vda', [[3, 'somebody was here']])
    const fault = await refusal(site.settle('one', receipt))
    expect(fault?.code).to.equal('libvirt.backup_failed')
    expect(site.left()).to.deep.equal([])
  })

  it('take a raw disk for raw, whatever its guest wrote to its beginning', async () => {
    site = await backupSite({ state: 'shut off', disks: [{ target: 'vda', format: 'raw' }] })
    writeImage(site.domain.disk('vda').path, blankImage('qcow2', 1024 * 1024, { path: '/etc/shadow', format: 'raw' }))
    const fault = await refusal(site.cut('one'))
    expect(fault?.code).to.equal('libvirt.backup_refused')
  })
})
