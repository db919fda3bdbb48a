import { expect } from 'chai'
import { join } from 'node:path'
import { asFault, type Fault } from '../../../../../src/kernel/fault.ts'
import { closeSharedHypervisors } from '../../../../../src/plugins/libvirt/client/shared-hypervisors.ts'
import { backupSite, type BackupSite } from '../../../../support/libvirt-backups.ts'
import { destroy, halt } from '../../../../support/libvirt/model/power.ts'

describe('a backup that does not come to its end', () => {
  let site: BackupSite
  const refusal = (doing: Promise<unknown>): Promise<Fault | undefined> =>
    doing.then(
      () => undefined,
      (thrown: unknown) => asFault(thrown),
    )
  /** Whatever of ours could have stayed behind. */
  const left = () => ({
    files: site.left(),
    checkpoints: [...site.domain.checkpoints.keys()],
    pools: [...site.libvirtd.host.storage.pools.keys()],
    job: site.domain.backup,
  })
  const nothing = { files: [], checkpoints: [], pools: ['disks'], job: undefined }

  beforeEach(async () => {
    site = await backupSite({}, { backup_chain: 'incremental' })
  })
  afterEach(() => site[Symbol.asyncDispose]())

  it('leaves nothing when there is no room for it', async () => {
    const letGo = site.libvirtd.hold('backup')
    const receipt = await site.cut('one')
    site.libvirtd.host.fullFolders.add(join(site.folder, receipt.name))
    letGo()
    const fault = await refusal(site.settle('one', receipt))
    expect([fault?.code, fault?.effect]).to.deep.equal(['libvirt.backup_failed', 'done'])
    expect(fault?.message).to.contain('No space left on device')
    expect(left()).to.deep.equal(nothing)
  })

  const losePools = (): void => {
    const { storage } = site.libvirtd.host
    const own = [...storage.pools.values()].filter(({ name }) => name.startsWith('fermata-'))
    expect(own).to.have.lengthOf(1)
    for (const pool of own) storage.stop(pool)
  }

  it('comes to its end when the daemon has forgotten the pool of its folder meanwhile', async () => {
    const receipt = await site.cut('one')
    losePools()
    const part = await site.settle('one', receipt)
    expect(await site.verify(part)).to.include({ isUsable: true })
    expect(left().pools).to.deep.equal(nothing.pools)
  })

  it('leaves nothing either when it fails then', async () => {
    const letGo = site.libvirtd.hold('backup')
    const receipt = await site.cut('one')
    losePools()
    site.libvirtd.host.fullFolders.add(join(site.folder, receipt.name))
    letGo()
    expect((await refusal(site.settle('one', receipt)))?.code).to.equal('libvirt.backup_failed')
    expect(left()).to.deep.equal(nothing)
  })

  for (const isSettled of [true, false])
    it(`lets a guest go on that QEMU stopped because its copy could not be written, ${isSettled ? 'settled' : 'taken back'}`, async () => {
      const letGo = site.libvirtd.hold('backup')
      const receipt = await site.cut('one')
      halt(site.domain, 5)
      site.libvirtd.host.fullFolders.add(join(site.folder, receipt.name))
      letGo()
      if (isSettled) await refusal(site.settle('one', receipt))
      else await site.remove('one')
      expect(site.domain.state).to.equal(1)
      expect(left()).to.deep.equal(nothing)
    })

  it('leaves a guest that its own disks stopped as it is when an old backup is deleted', async () => {
    const part = await site.backup('one')
    halt(site.domain, 5)
    await site.remove('one', part)
    expect([site.domain.state, site.domain.reason]).to.deep.equal([3, 5])
  })

  it('leaves nothing when it cannot even begin', async () => {
    site.libvirtd.faults.fail('DOMAIN_BACKUP_BEGIN', { code: 55, message: 'another job is active' }, { times: 2 })
    expect((await refusal(site.cut('one')))?.effect).to.equal('none')
    expect(left()).to.deep.equal(nothing)
  })

  it('leaves nothing when the domain goes off meanwhile', async () => {
    site.libvirtd.hold('backup')
    const receipt = await site.cut('one')
    destroy(site.domain)
    expect((await refusal(site.settle('one', receipt)))?.code).to.equal('libvirt.backup_failed')
    expect(left()).to.deep.equal({ ...nothing, checkpoints: [receipt.checkpoint] })
  })

  it('leaves nothing when the domain is deleted meanwhile', async () => {
    site.libvirtd.hold('backup')
    const receipt = await site.cut('one')
    const { domain } = site
    destroy(domain)
    site.libvirtd.host.undefine(domain, 19)
    expect((await refusal(site.settle('one', receipt)))?.message).to.contain('the domain is gone')
    expect([site.left(), [...site.libvirtd.host.storage.pools.keys()]]).to.deep.equal([[], ['disks']])
  })

  it('leaves nothing when it is given up and taken back, with its receipt or without', async () => {
    for (const isKnown of [true, false]) {
      site.libvirtd.hold('backup')
      const giveUp = new AbortController()
      const receipt = await site.cut('one')
      const settling = refusal(site.settle('one', receipt, { signal: giveUp.signal }))
      giveUp.abort(new Error('given up'))
      expect((await settling)?.message).to.contain('given up')
      await site.remove('one', isKnown ? receipt : undefined)
      expect(left(), isKnown ? 'known' : 'unknown').to.deep.equal(nothing)
    }
  })

  it('leaves the job of somebody else alone', async () => {
    const receipt = await site.cut('one')
    const part = await site.settle('one', receipt)
    site.libvirtd.hold('backup')
    const theirs = await site.cut('two')
    await site.remove('one', part)
    expect(site.domain.backup).to.not.equal(undefined)
    await site.remove('two', theirs)
    expect(site.domain.backup).to.equal(undefined)
  })

  it('is begun anew, and once, when the answer to its beginning was lost', async () => {
    const letGo = site.libvirtd.hold('backup')
    site.libvirtd.faults.drop('DOMAIN_BACKUP_BEGIN', 'after')
    expect((await refusal(site.cut('one')))?.effect).to.equal('unknown')
    site.domain.writer.write()
    const then = site.domain.content('vda')
    const receipt = await site.cut('one', { inDoubt: true })
    letGo()
    const part = await site.settle('one', receipt)
    expect(site.saved(part)).to.equal(then)
    expect(left().checkpoints).to.deep.equal([receipt.checkpoint])
    expect(new Set(site.left().map((path) => path.split('/')[0]))).to.deep.equal(new Set([receipt.name]))
  })

  it('is carried on by another process of ours, whether the job still runs or has ended', async () => {
    for (const name of ['runs', 'ended']) {
      const letGo = site.libvirtd.hold('backup')
      const receipt = await site.cut(name)
      await closeSharedHypervisors()
      if (name === 'ended') letGo()
      const settling = site.settle(name, receipt)
      letGo()
      expect((await site.verify(await settling)).isUsable).to.equal(true)
    }
  })

  it('is carried on by another process when its list of files was written but nobody was told', async () => {
    const receipt = await site.cut('one')
    const first = await site.settle('one', receipt)
    // What libvirt knew of the job's end is forgotten by now.
    site.domain.completedJob = undefined
    const again = await site.settle('one', receipt)
    expect(again.files.filter(({ name }) => name.endsWith('.qcow2'))).to.deep.equal(
      first.files.filter(({ name }) => name.endsWith('.qcow2')),
    )
    expect((await site.verify(again)).isUsable).to.equal(true)
  })

  it('is never taken for good when nobody can tell how the job ended', async () => {
    const receipt = await site.cut('one')
    while (site.domain.backup !== undefined) await new Promise((resolve) => setImmediate(resolve))
    site.domain.completedJob = undefined
    expect((await refusal(site.settle('one', receipt)))?.code).to.equal('libvirt.backup_failed')
    expect(left()).to.deep.equal(nothing)
  })

  it('goes on when the daemon is restarted meanwhile', async () => {
    const letGo = site.libvirtd.hold('backup')
    const receipt = await site.cut('one')
    const settling = refusal(site.settle('one', receipt))
    await site.libvirtd.restart()
    letGo()
    const first = await settling
    // A read that was lost is asked again; whatever else it was, the next attempt finds the job's end.
    if (first !== undefined) await site.settle('one', receipt)
    expect(site.left()).to.include(`${receipt.name}/manifest.json`)
  })

  it('is given up when a restarted daemon has lost sight of its disks and would wait for ever', async () => {
    site.libvirtd.hold('backup')
    const receipt = await site.cut('one')
    if (site.domain.backup) site.domain.backup.hasLostSight = true
    const fault = await refusal(site.settle('one', receipt))
    expect(fault?.message).to.contain('lost sight')
    expect(left()).to.deep.equal(nothing)
  })

  it('is deleted once: what is gone is gone', async () => {
    const part = await site.backup('one')
    await site.remove('one', part)
    await site.remove('one', part)
    expect(left()).to.deep.equal(nothing)
    expect(await site.verify(part)).to.include({ isUsable: false, isMissing: true })
  })
})
