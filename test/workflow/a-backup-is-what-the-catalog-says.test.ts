// The catalog holds of each backup what it is made of and what it is worth, and a restore asks it before it freezes anybody.
import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { backupSite } from '../support/backup-site.ts'
import { faultOf } from '../support/freezing-provider.ts'

describe('a sealed backup', () => {
  it('has its parts on record with what made them, their labels and their windows', async () => {
    await using backups = await backupSite()
    const { site } = backups
    const one = await backups.backUp('one')
    expect(one).to.include({
      name: 'one',
      deploymentId: 'shop',
      kind: 'incremental',
      status: 'good',
      parts: 3,
      bytes: 3,
      held: null,
    })
    expect(one.inputsDigest).to.equal(createHash('sha256').update('{}').digest('hex'))
    expect(one.blueprintDigest).to.equal((await site.fermata.blueprints.get('shop')).digest)
    const part = one.partList.find(({ nodeId }) => nodeId === 'db')
    expect(part).to.include({
      instanceId: site.ids['db'],
      operation: 'test.cut',
      providerId: 'one/db',
      bytes: 1,
      digest: null,
      parentProviderId: null,
      verified: null,
    })
    expect(part?.consistency).to.equal('application')
    expect(part?.cutTo ?? 0).to.be.at.least(part?.cutFrom ?? Infinity)
    // The least sure of its parts says what the whole is worth.
    expect(new Set(one.partList.map(({ consistency }) => consistency))).to.include(one.consistency)
    expect(one.frozen[0]).to.deep.include({ group: null })
    expect(one.frozen[0]?.instances).to.have.length(3)
  })

  it('knows what it rests on, and what rests on it', async () => {
    await using backups = await backupSite()
    const one = await backups.backUp('one')
    await backups.backUp('two', 'one')
    const three = await backups.backUp('three', 'two')
    expect(three.lineage.map(({ name }) => name)).to.deep.equal(['two', 'one'])
    expect((await backups.site.fermata.backups.get(one.id)).children.map(({ name }) => name)).to.deep.equal(['two'])
    expect(three.partList.map(({ parentProviderId }) => parentProviderId).toSorted()).to.deep.equal([
      'two/db',
      'two/vm',
      'two/web',
    ])
  })

  it('is partial when a part failed, says which, and restores only what it has', async () => {
    await using backups = await backupSite()
    const { site } = backups
    const cut = site.hooks['cut web']
    site.hooks['cut web'] = () => {
      throw new Error('no space on web')
    }
    const execution = await site.start('backup', { snapshot_name: 'one', snapshot_policy: 'best_effort' })
    expect(execution.error?.code).to.equal('backup.partial')
    const one = await site.fermata.backups.get('one')
    expect([one.status, one.parts, Object.keys(one.missing)]).to.deep.equal(['partial', 2, [site.ids['web']]])
    expect(one.missing[site.ids['web'] ?? '']?.message).to.contain('no space on web')
    site.log.length = 0
    const refused = await site.start('restore', { snapshot_name: 'one' })
    expect(refused.error?.message).to.contain(`it has no part of ${site.ids['web']}`)
    expect(site.log.filter((line) => line.startsWith('freeze'))).to.deep.equal([])
    await backups.done('restore', {
      snapshot_name: 'one',
      include_instances: [site.ids['vm'] ?? '', site.ids['db'] ?? ''],
    })
    // Resumed, it becomes whole.
    if (cut) site.hooks['cut web'] = cut
    expect((await site.fermata.executions.resume(execution.id)).status).to.equal('terminated')
    const whole = await site.fermata.backups.get('one')
    expect([whole.id, whole.status, whole.parts, whole.missing]).to.deep.equal([one.id, 'good', 3, {}])
  })

  it('keeps what a read-back found, and counts as good no longer when that is bad', async () => {
    await using backups = await backupSite()
    const { site, snapshots } = backups
    const one = await backups.backUp('one')
    const { fermata } = site
    const verified = await fermata.backups.verify('one')
    expect([verified.backup.isVerified, verified.execution.workflow]).to.deep.equal([true, 'verify_backup'])
    expect(verified.backup.partList.map((part) => part.verified?.state)).to.deep.equal(['usable', 'usable', 'usable'])
    snapshots.delete('one/db')
    const damaged = await fermata.backups.verify(one.id)
    expect([damaged.backup.status, damaged.backup.isVerified]).to.deep.equal(['damaged', false])
    expect(damaged.execution.error).to.include({ code: 'catalog.damaged' })
    expect(damaged.execution.error?.message).to.contain(
      `the part of ${site.ids['db']} is gone: the provider knows no such snapshot`,
    )
    snapshots.add('one/db')
    expect((await fermata.backups.verify(one.id)).backup.status).to.equal('good')
  })
})

describe('a restore', () => {
  it('takes a backup by its id, or by the beginning of it, and hands its name on', async () => {
    await using backups = await backupSite()
    const one = await backups.backUp('one')
    await backups.backUp('two')
    for (const id of [one.id, one.id.slice(0, 8)]) {
      await backups.done('restore', { snapshot_name: id, snapshot_incremental: false })
      expect(backups.site.inputs['apply db']).to.deep.include({ snapshot_name: 'one', snapshot_incremental: true })
    }
  })

  it('says in one go which parts are damaged or gone, before anybody is frozen', async () => {
    await using backups = await backupSite()
    const { site, snapshots } = backups
    await backups.backUp('one')
    snapshots.delete('one/db')
    site.hooks['verify web'] = () => ({ isUsable: false, isMissing: false, reason: 'its digest is another' })
    site.log.length = 0
    const refused = await site.start('restore', { snapshot_name: 'one' })
    expect(refused.error?.code).to.equal('catalog.not_restorable')
    expect(refused.error?.message)
      .to.contain(`the part of ${site.ids['db']} is gone: the provider knows no such snapshot`)
      .and.to.contain(`the part of ${site.ids['web']} is damaged: its digest is another`)
    expect(site.log.map((line) => line.split(' ')[0])).to.deep.equal(['verify', 'verify', 'verify'])
    // What was seen counts, also for whoever deletes others.
    expect((await site.fermata.backups.get('one')).status).to.equal('damaged')
    // What is not asked for may be damaged.
    await backups.done('restore', { snapshot_name: 'one', include_instances: [site.ids['vm'] ?? ''] })
  })

  it('looks at what a part rests on, too', async () => {
    await using backups = await backupSite()
    const { site, snapshots } = backups
    await backups.backUp('one')
    await backups.backUp('two', 'one')
    await backups.backUp('three', 'two')
    snapshots.delete('one/db')
    const refused = await site.start('restore', { snapshot_name: 'three' })
    expect(refused.error?.message).to.contain(`the part of ${site.ids['db']} is gone: one/db, on which it rests`)
    // One that was never in the catalog cannot be looked at.
    await backups.backUp('four', 'elsewhere')
    const lost = await site.start('restore', { snapshot_name: 'four' })
    expect(lost.error?.message).to.contain('it rests on elsewhere/db, which the catalog does not hold')
  })

  it('does not read back again what it read before it was cut off', async () => {
    await using backups = await backupSite()
    const { site } = backups
    await backups.backUp('one')
    const apply = site.hooks['apply db']
    site.hooks['apply db'] = () => {
      throw new Error('db is away')
    }
    const failed = await site.start('restore', { snapshot_name: 'one' })
    expect(failed.status).to.equal('failed')
    if (apply) site.hooks['apply db'] = apply
    else delete site.hooks['apply db']
    site.log.length = 0
    expect((await site.fermata.executions.resume(failed.id)).status).to.equal('terminated')
    expect(site.log.filter((line) => line.startsWith('verify'))).to.deep.equal([])
  })
})

describe('a backup that is asked for', () => {
  it('is found by its id, the beginning of that, or its name, and never guessed', async () => {
    await using backups = await backupSite()
    const { site } = backups
    const { fermata } = site
    const one = await backups.backUp('one')
    expect((await fermata.backups.get(one.id.slice(0, 4))).id).to.equal(one.id)
    // Three characters are no id: too many begin alike.
    expect((await faultOf(fermata.backups.get(one.id.slice(0, 3))))?.code).to.equal('usage.not_found')
    await site.start('backup', { snapshot_name: 'one', snapshot_incremental: false })
    const both = await faultOf(fermata.backups.get('one'))
    expect(both?.code).to.equal('catalog.ambiguous')
    expect(both?.message).to.contain(one.id).and.to.contain("('one' of shop, full)")
    // A name that is the beginning of another's id means neither.
    await backups.done('backup', { snapshot_name: one.id.slice(0, 8) })
    expect((await faultOf(fermata.backups.get(one.id.slice(0, 8))))?.code).to.equal('catalog.ambiguous')
    expect((await fermata.backups.get(one.id)).name).to.equal('one')
  })

  it('is looked for in its deployment when several use the name', async () => {
    await using backups = await backupSite()
    const { site } = backups
    const { fermata } = site
    await backups.backUp('one')
    await fermata.deployments.create('other', 'shop', {})
    await fermata.executions.start({ workflow: 'backup', deploymentId: 'other', parameters: { snapshot_name: 'one' } })
    expect((await faultOf(fermata.backups.get('one')))?.code).to.equal('catalog.ambiguous')
    expect((await fermata.backups.get('one', { deploymentId: 'other' })).deploymentId).to.equal('other')
    expect((await fermata.backups.list({ deploymentId: 'shop' })).length).to.equal(1)
    const missing = await faultOf(fermata.backups.get('onee', { deploymentId: 'other' }))
    expect(missing?.message).to.equal("deployment 'other' has no backup 'onee'")
    expect((await faultOf(fermata.backups.list({ deploymentId: 'nobody' })))?.code).to.equal('usage.not_found')
  })
})
