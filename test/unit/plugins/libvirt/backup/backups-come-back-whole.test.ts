// The original compared texts, or put memory back and lost the domain. These put disks and definition back, or nothing.
import { expect } from 'chai'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asFault, type Fault } from '../../../../../src/kernel/fault.ts'
import { attributeAt, textAt } from '../../../../../src/plugins/libvirt/xml/element.ts'
import { parseXml } from '../../../../../src/plugins/libvirt/xml/parse.ts'
import { backupSite, type BackupSite } from '../../../../support/libvirt-backups.ts'
import { Checkpoint } from '../../../../support/libvirt/model/checkpoints.ts'
import { destroy, save } from '../../../../support/libvirt/model/power.ts'

describe('restoring a backup', () => {
  let site: BackupSite
  const chained = { backup_chain: 'incremental' }
  const writes = (count: number): void => {
    for (let number = 0; number < count; number += 1) site.domain.writer.write()
  }
  const refusal = (doing: Promise<unknown>): Promise<Fault | undefined> =>
    doing.then(
      () => undefined,
      (thrown: unknown) => asFault(thrown),
    )
  /** How it looks from outside; nothing of it may change when a restore is refused. */
  const seen = () => ({
    xml: site.domain.xml(2),
    isActive: site.domain.isActive,
    disks: readFileSync(site.domain.disk('vda').path),
    others: site.libvirtd.host.domains.size,
  })
  afterEach(() => site[Symbol.asyncDispose]())

  it('brings back what the disks held at each of three cuts', async () => {
    site = await backupSite({}, chained)
    const parts = []
    const contents: string[] = []
    for (const name of ['one', 'two', 'three']) {
      writes(3)
      contents.push(site.domain.content('vda'))
      parts.push(await site.backup(name))
    }
    for (const index of [2, 0, 1]) {
      const part = parts[index]
      if (part === undefined) throw new Error('no such part')
      await site.apply(part, { key: `restore/${index}` })
      expect(site.domain.content('vda'), part.name).to.equal(contents[index])
      expect(site.domain.isActive).to.equal(true)
    }
  })

  it('leaves the domain defined, under its uuid, and the disks that it had beside those that it has', async () => {
    site = await backupSite()
    const { uuid } = site.domain
    const old = site.domain.disk('vda').path
    const part = await site.backup('one')
    const then = readFileSync(old)
    writes(2)
    await site.apply(part)
    expect([site.domain.uuid, site.libvirtd.host.domain(uuid).isPersistent]).to.deep.equal([uuid, true])
    const now = site.domain.disk('vda').path
    expect(now).to.match(/vm-vda-r[0-9a-f]{8}\.qcow2$/)
    expect(readFileSync(old).equals(then), 'the old one is as the guest left it').to.equal(false)
    await site.apply(part, { key: 'again' })
    expect(site.domain.disk('vda').path).to.not.equal(now)
    expect(() => readFileSync(now), 'the disk that the restore before had made').to.throw(/ENOENT/)
    expect(readFileSync(old)).to.have.length.above(0)
  })

  it('makes a domain that is gone, with nothing known of it but what the catalog has', async () => {
    site = await backupSite()
    writes(2)
    const then = site.domain.content('vda')
    const part = await site.backup('one')
    const { uuid } = site.domain
    destroy(site.domain)
    site.libvirtd.host.undefine(site.domain, 19)
    for (const name of Object.keys(site.node.runtimeProperties)) delete site.node.runtimeProperties[name]
    await site.apply(part)
    expect([site.domain.uuid, site.domain.isActive]).to.deep.equal([uuid, true])
    expect(site.domain.content('vda')).to.equal(then)
  })

  it('brings back what the firmware remembered, beside what it remembers now', async () => {
    site = await backupSite()
    const path = join(site.folder, 'firmware', 'vm_VARS.fd')
    mkdirSync(join(site.folder, 'firmware'))
    writeFileSync(path, 'boot from the first disk')
    const { host } = site.libvirtd
    host.define(site.domain.xml(3).replace('</os>', `<nvram>${path}</nvram></os>`))
    const part = await site.backup('one', { inputs: { backup_dir: join(site.folder, 'backups') } })
    expect(part.files.map(({ name }) => name)).to.include('nvram.fd')
    writeFileSync(path, 'boot from the network')
    await site.apply(part)
    const now = textAt(parseXml(site.domain.xml(2)), 'os/nvram') ?? ''
    expect(now).to.match(/vm_VARS-r[0-9a-f]{8}\.fd$/)
    expect([readFileSync(now, 'utf8'), readFileSync(path, 'utf8')]).to.deep.equal([
      'boot from the first disk',
      'boot from the network',
    ])
  })

  it('leaves a domain off that was off', async () => {
    site = await backupSite()
    const part = await site.backup('one')
    destroy(site.domain)
    await site.apply(part)
    expect(site.domain.isActive).to.equal(false)
  })

  it('drops memory that was saved with other disks', async () => {
    site = await backupSite()
    const part = await site.backup('one')
    site.domain.managedSave = await save(site.domain)
    await site.apply(part)
    expect(site.domain.managedSave).to.equal(undefined)
  })

  for (const [what, harm] of [
    ['a byte of an image that it rests on', (folder: string) => flip(join(folder, 'vda.qcow2'))],
    ['the list of files of one that it rests on', (folder: string) => flip(join(folder, 'manifest.json'))],
    ['the folder of one that it rests on', (folder: string) => rmSync(folder, { recursive: true })],
  ] as const)
    it(`is refused before anything is touched when ${what} is not what was saved`, async () => {
      site = await backupSite({}, chained)
      const first = await site.backup('one')
      writes(2)
      const second = await site.backup('two')
      harm(join(site.folder, first.name))
      const before = seen()
      const fault = await refusal(site.apply(second))
      expect([fault?.code, fault?.effect]).to.deep.equal(['libvirt.backup_damaged', 'none'])
      expect(seen()).to.deep.equal(before)
    })

  it('is refused while the disks hold snapshots, or checkpoints of somebody else', async () => {
    site = await backupSite()
    const part = await site.backup('one')
    const theirs = new Checkpoint(site.domain, 'nightly', undefined, ['vda'])
    site.domain.checkpoints.set('nightly', theirs)
    const before = seen()
    const fault = await refusal(site.apply(part))
    expect(fault?.code).to.equal('libvirt.restore_refused')
    expect(fault?.message).to.contain("'nightly'")
    expect(seen()).to.deep.equal(before)
  })

  it('lets the domain run on its old disks when the new ones cannot be made', async () => {
    site = await backupSite()
    const part = await site.backup('one')
    const before = seen()
    site.libvirtd.faults.fail(
      'STORAGE_VOL_CREATE_XML_FROM',
      { code: 38, message: 'No space left on device' },
      { nth: 2 },
    )
    expect((await refusal(site.apply(part)))?.effect).to.not.equal('done')
    expect(seen()).to.deep.equal(before)
    expect(site.libvirtd.host.storage.volumes(site.libvirtd.host.storage.pool('disks'))).to.have.lengthOf(2)
  })

  it('starts the domain again on its old disks when it cannot be defined with the new ones', async () => {
    site = await backupSite()
    const part = await site.backup('one')
    const { xml, others } = seen()
    site.libvirtd.faults.fail('DOMAIN_DEFINE_XML_FLAGS', { code: 1 })
    await refusal(site.apply(part))
    expect(seen()).to.include({ xml, others, isActive: true })
  })

  for (const moment of ['before', 'after'] as const)
    it(`goes on when the answer to the switch is lost ${moment} it happened`, async () => {
      site = await backupSite()
      writes(2)
      const then = site.domain.content('vda')
      const part = await site.backup('one')
      writes(2)
      site.libvirtd.faults.drop('DOMAIN_DEFINE_XML_FLAGS', moment)
      // What happened is read back at once; what did not leaves the domain running as before, for the next attempt.
      expect((await refusal(site.apply(part)))?.effect).to.equal(moment === 'before' ? 'unknown' : undefined)
      expect(site.domain.isActive).to.equal(true)
      await site.apply(part, { key: 'run/restore', inDoubt: true })
      expect(site.domain.content('vda')).to.equal(then)
      expect(site.domain.isActive).to.equal(true)
      const { storage } = site.libvirtd.host
      expect(storage.volumes(storage.pool('disks'))).to.have.lengthOf(4)
    })

  it('can make another domain of it, with a uuid, addresses and disks of its own', async () => {
    site = await backupSite()
    writes(2)
    const then = site.domain.content('vda')
    const part = await site.backup('one')
    const before = seen()
    await site.apply(part, { inputs: { restore_as: 'copy' } })
    const copy = site.libvirtd.domain('copy')
    const xml = parseXml(copy.xml(2))
    expect(copy.uuid).to.not.equal(site.domain.uuid)
    expect(attributeAt(xml, 'devices/interface/mac', 'address')).to.not.equal(
      attributeAt(parseXml(site.domain.xml(2)), 'devices/interface/mac', 'address') ?? '',
    )
    expect([textAt(xml, 'name'), copy.isActive]).to.deep.equal(['copy', false])
    expect(copy.content('vda')).to.equal(then)
    expect({ ...seen(), others: 0 }).to.deep.equal({ ...before, others: 0 })
    // The same operation again finds what it made; another one finds a name that is taken.
    await site.apply(part, { inputs: { restore_as: 'copy' }, inDoubt: true })
    expect((await refusal(site.apply(part, { key: 'other', inputs: { restore_as: 'copy' } })))?.code).to.equal(
      'libvirt.name_taken',
    )
  })

  function flip(path: string): void {
    const content = readFileSync(path)
    content[content.length - 2] = (content.at(-2) ?? 0) ^ 1
    writeFileSync(path, content)
  }
})
