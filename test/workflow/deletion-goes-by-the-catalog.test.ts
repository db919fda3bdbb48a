// A backup is deleted by its entry in the catalog and by nothing else: never the last good one, never a held one, never
// one that others rest on, and never more than what was meant.
import { expect } from 'chai'
import { backupSite, type BackupSite } from '../support/backup-site.ts'
import { engineSite, head } from '../support/engine-site.ts'
import { faultOf } from '../support/freezing-provider.ts'

const last = { last: 1 }

const idOf = async ({ site }: BackupSite, name: string): Promise<string> => (await site.fermata.backups.get(name)).id
const codeOf = async (work: Promise<unknown>): Promise<string | undefined> => (await faultOf(work))?.code

describe('deleting a backup', () => {
  it('deletes what the catalog recorded of it, dependents first, and nothing whose name looks alike', async () => {
    await using backups = await backupSite()
    const { site, snapshots } = backups
    const names = ['a', 'a1', 'aa', 'a%', 'a_', 'a*', '%', '.', 'a/../b', 'b']
    for (const name of names) await backups.backUp(name)
    for (const name of ['a', '%', 'a*', 'a/../b']) {
      site.log.length = 0
      await site.fermata.backups.delete(name)
      expect(site.log, name).to.deep.equal(['undo web', 'undo db', 'undo vm'])
    }
    const left = names.filter((name) => !['a', '%', 'a*', 'a/../b'].includes(name))
    expect(await backups.names()).to.deep.equal(left)
    expect([...snapshots].toSorted()).to.deep.equal(
      left.flatMap((name) => ['db', 'vm', 'web'].map((node) => `${name}/${node}`)).toSorted(),
    )
  })

  it('goes by the id that was found, also when the name has become another backup meanwhile', async () => {
    await using backups = await backupSite()
    const { site } = backups
    await backups.backUp('keep')
    const one = await backups.backUp('one')
    const gone = await site.fermata.backups.delete(one.id)
    expect(gone).to.deep.include({ deleted: [{ id: one.id, name: 'one' }], failed: [] })
    await backups.backUp('one')
    const again = await site.start('remove_backup', { recovery_point: one.id })
    expect(again.error?.code).to.equal('catalog.no_such_backup')
    expect(await backups.names()).to.deep.equal(['keep', 'one'])
    const execution = await site.fermata.executions.get(gone.executions[0] ?? '')
    expect([execution.workflow, execution.parameters['recovery_point']]).to.deep.equal(['remove_backup', one.id])
  })

  it('never takes the last good one, nor the last verified one, unless it is told to', async () => {
    await using backups = await backupSite()
    const { site } = backups
    const { fermata } = site
    await backups.backUp('one')
    expect(await codeOf(fermata.backups.delete('one'))).to.equal('catalog.last_good')
    // The workflow refuses it as well, whoever starts it.
    const refused = await site.start('remove_backup', { recovery_point: await idOf(backups, 'one') })
    expect(refused.error?.code).to.equal('catalog.last_good')
    await fermata.backups.verify('one')
    await backups.backUp('two')
    const verified = await faultOf(fermata.backups.delete('one'))
    expect(verified?.message).to.equal("backup 'one' is the last verified one of deployment 'shop'")
    await fermata.backups.delete('two')
    expect(site.log.filter((line) => line.startsWith('undo'))).to.have.length(3)
    expect(await codeOf(fermata.backups.delete('one'))).to.equal('catalog.last_good')
    const forced = await fermata.backups.delete('one', { breakFloor: true })
    expect(forced.deleted.map(({ name }) => name)).to.deep.equal(['one'])
    expect(await backups.names()).to.deep.equal([])
  })

  it('takes by name what somebody named, and says when it was the last good one', async () => {
    await using backups = await backupSite()
    await backups.backUp('one')
    await backups.backUp('two')
    await backups.done('verify_backup', { snapshot_name: 'one' })
    const first = await backups.done('remove_backup', { snapshot_name: 'one' })
    const second = await backups.done('remove_backup', { snapshot_name: 'two' })
    const warnings = await Promise.all(
      [first, second].map(async (execution) =>
        (await backups.site.events(execution)).filter(({ level }) => level === 'WARNING').map(({ message }) => message),
      ),
    )
    expect(warnings).to.deep.equal([
      ["'one' was the last verified backup of 'shop'"],
      ["'two' was the last good backup of 'shop'"],
    ])
  })

  it('leaves a held one, whoever asks and however', async () => {
    await using backups = await backupSite()
    const { site } = backups
    const { fermata } = site
    await backups.backUp('one')
    await backups.backUp('two')
    expect(await codeOf(fermata.backups.hold('one', ' '))).to.equal('usage.bad_argument')
    expect((await fermata.backups.hold('one', 'for the auditors')).held).to.equal('for the auditors')
    const refused = await faultOf(fermata.backups.delete('one', { breakFloor: true }))
    expect([refused?.code, refused?.message]).to.deep.equal(['catalog.held', "backup 'one' is held: for the auditors"])
    expect((await site.start('remove_backup', { snapshot_name: 'one' })).error?.code).to.equal('catalog.held')
    await fermata.backups.release('one')
    await fermata.backups.delete('one')
    expect(await backups.names()).to.deep.equal(['two'])
  })

  it('deletes children before parents, and a parent only together with them', async () => {
    await using backups = await backupSite()
    const { site } = backups
    const { fermata } = site
    await backups.backUp('one')
    await backups.backUp('two', 'one')
    await backups.backUp('three', 'two')
    await backups.backUp('side', 'one')
    await backups.backUp('new')
    const refused = await faultOf(fermata.backups.delete('one', { breakFloor: true }))
    expect(refused?.code).to.equal('catalog.still_needed')
    expect(refused?.message).to.contain("'two'").and.to.contain("'side'").and.to.not.contain("'three'")
    expect((await site.start('remove_backup', { snapshot_name: 'one' })).error?.code).to.equal('catalog.still_needed')
    // Of a part alone the same is true.
    const part = await site.start('remove_backup', { snapshot_name: 'one', include_instances: [site.ids['db'] ?? ''] })
    expect(part.error?.code).to.equal('catalog.still_needed')
    const { deleted } = await fermata.backups.delete('one', { withChildren: true })
    expect(deleted.map(({ name }) => name)).to.deep.equal(['three', 'two', 'side', 'one'])
    expect([...backups.snapshots]).to.have.members(['new/db', 'new/vm', 'new/web'])
  })

  it('refuses a chain before its first goes, when its last may not', async () => {
    await using backups = await backupSite()
    const { fermata } = backups.site
    await backups.backUp('one')
    await backups.backUp('two', 'one')
    await fermata.backups.hold('one', 'the base')
    expect(await codeOf(fermata.backups.delete('one', { withChildren: true, breakFloor: true }))).to.equal(
      'catalog.held',
    )
    expect(await backups.names()).to.deep.equal(['one', 'two'])
    await fermata.backups.release('one')
    expect(await codeOf(fermata.backups.delete('one', { withChildren: true }))).to.equal('catalog.last_good')
    expect(await backups.names()).to.deep.equal(['one', 'two'])
  })
})

describe('a deletion that was cut off', () => {
  const fail = (): never => {
    throw new Error('db does not answer')
  }

  it('leaves what is gone gone, is not restored from, and is brought to its end by a resume', async () => {
    await using backups = await backupSite()
    const { site } = backups
    const { fermata } = site
    await backups.backUp('one')
    await backups.backUp('two')
    const undo = site.hooks['undo db']
    site.hooks['undo db'] = fail
    const failed = await fermata.backups.delete('one')
    expect(failed.failed.map(({ error }) => error?.message ?? '').join()).to.contain('db does not answer')
    const half = await fermata.backups.get('one')
    expect([half.status, half.partList.map(({ nodeId }) => nodeId)]).to.deep.equal(['deleting', ['db', 'vm']])
    expect(half.partList.map(({ isBeingDeleted }) => isBeingDeleted)).to.deep.equal([true, false])
    expect((await site.start('restore', { snapshot_name: 'one' })).error?.message).to.contain('its deletion has begun')
    expect(await codeOf(fermata.backups.hold('one', 'too late'))).to.equal('catalog.being_deleted')
    expect((await fermata.backups.verify('one')).execution.error?.code).to.equal('catalog.being_deleted')
    expect((await site.start('backup', { snapshot_name: 'one' })).error?.code).to.equal('catalog.being_deleted')
    if (undo) site.hooks['undo db'] = undo
    site.log.length = 0
    expect((await fermata.executions.resume(failed.executions[0] ?? '')).status).to.equal('terminated')
    expect(site.log).to.deep.equal(['undo db', 'undo vm'])
    expect(await backups.names()).to.deep.equal(['two'])
  })

  it('is brought to its end by deleting it again, or by the next prune, also when it was allowed only then', async () => {
    for (const finish of ['delete', 'prune'] as const) {
      await using backups = await backupSite()
      const { site } = backups
      await backups.backUp('one')
      const undo = site.hooks['undo db']
      site.hooks['undo db'] = fail
      await site.fermata.backups.delete('one', { breakFloor: true })
      if (undo) site.hooks['undo db'] = undo
      // The provider's object may be gone without our knowing.
      backups.snapshots.delete('one/db')
      const outcome =
        finish === 'delete' ? await site.fermata.backups.delete('one') : await site.fermata.backups.prune('shop', last)
      expect(
        outcome.deleted.map(({ name }) => name),
        finish,
      ).to.deep.equal(['one'])
      expect([await backups.names(), [...backups.snapshots]]).to.deep.equal([[], []])
    }
  })

  it('of single parts leaves a partial backup of the others', async () => {
    await using backups = await backupSite()
    const { site } = backups
    await backups.backUp('one')
    await backups.backUp('two')
    await backups.done('remove_backup', { snapshot_name: 'one', include_instances: [site.ids['web'] ?? ''] })
    const one = await site.fermata.backups.get('one')
    expect([one.status, one.partList.map(({ nodeId }) => nodeId)]).to.deep.equal(['partial', ['db', 'vm']])
    expect(one.missing[site.ids['web'] ?? '']?.code).to.equal('catalog.part_removed')
    // Again there is nothing to do, and nothing else goes.
    site.log.length = 0
    await backups.done('remove_backup', { snapshot_name: 'one', include_instances: [site.ids['web'] ?? ''] })
    expect(site.log).to.deep.equal([])
  })

  it('says of a node that deletes nothing that its snapshot stays', async () => {
    const keeping = `${head}
  test.Keeping:
    derived_from: cloudify.nodes.Root
    interfaces: {cloudify.interfaces.snapshot: {create: test.cut, apply: test.apply}}
node_templates:
  keeper: {type: test.Keeping}
`.replace(/\nrelationships:[\s\S]*?\n {2}test\.Keeping/, '\n  test.Keeping')
    await using site = await engineSite({ blueprint: keeping })
    await site.start('backup', { snapshot_name: 'one' })
    const removed = await site.start('remove_backup', { snapshot_name: 'one' })
    const warnings = (await site.events(removed))
      .filter(({ level }) => level === 'WARNING')
      .map(({ message }) => message)
    expect(warnings.join('\n')).to.contain(`Nothing deletes the snapshot of '${site.ids['keeper']}'`)
  })
})

describe('a backup that is resumed', () => {
  const lose = async (deletion: (backups: BackupSite) => Promise<unknown>): Promise<string | undefined> => {
    await using backups = await backupSite()
    const { site } = backups
    site.hooks['settle web'] = () => {
      throw new Error('lost')
    }
    const partial = await site.start('backup', { snapshot_name: 'one', snapshot_policy: 'best_effort' })
    delete site.hooks['settle web']
    await deletion(backups)
    return (await site.fermata.executions.resume(partial.id)).error?.code
  }

  it('does not claim to have what was deleted meanwhile', async () => {
    expect(await lose(({ site }) => site.fermata.backups.delete('one'))).to.equal('catalog.lost_since')
    const part = ({ site, done }: BackupSite) =>
      done('remove_backup', { snapshot_name: 'one', include_instances: [site.ids['db'] ?? ''] })
    expect(await lose(part)).to.equal('catalog.lost_since')
    expect(await lose(async () => {})).to.equal(undefined)
  })
})

describe('prune', () => {
  it('deletes by id what the rules do not keep, and tells the same reasons as explain', async () => {
    await using backups = await backupSite()
    const { site, snapshots } = backups
    for (const name of ['one', 'two', 'three', 'four']) await backups.backUp(name)
    await site.fermata.backups.hold('two', 'the upgrade')
    const explained = await site.fermata.backups.explain('shop', last)
    expect(explained.map(({ name, action, reasons }) => `${action} ${name}: ${reasons.join()}`)).to.deep.equal([
      'keep four: last 1: 1st,floor: the last good one',
      'delete three: no rule keeps it',
      'keep two: held',
      'delete one: no rule keeps it',
    ])
    expect(snapshots.size).to.equal(12)
    const { decisions, deleted, executions } = await site.fermata.backups.prune('shop', last)
    expect(decisions).to.deep.equal(explained)
    expect(deleted.map(({ name }) => name)).to.deep.equal(['one', 'three'])
    expect(executions).to.have.length(2)
    expect(await backups.names()).to.deep.equal(['two', 'four'])
    expect((await site.fermata.backups.prune('shop', last)).deleted).to.deep.equal([])
  })

  it('keeps whole chains, and deletes whole chains', async () => {
    await using backups = await backupSite()
    const { fermata } = backups.site
    await backups.backUp('old')
    await backups.backUp('old1', 'old')
    await backups.backUp('base')
    await backups.backUp('base1', 'base')
    await backups.backUp('base2', 'base1')
    const { deleted, decisions } = await fermata.backups.prune('shop', last)
    expect(deleted.map(({ name }) => name)).to.deep.equal(['old1', 'old'])
    expect(decisions.find(({ name }) => name === 'base1')?.reasons).to.deep.equal(['parent of base2'])
    expect(decisions.find(({ name }) => name === 'base')?.reasons).to.deep.equal(['parent of base1'])
    await backups.done('restore', { snapshot_name: 'base2' })
  })

  it('goes on behind one that fails, and says which', async () => {
    await using backups = await backupSite()
    const { site } = backups
    for (const name of ['one', 'two', 'three']) await backups.backUp(name)
    let calls = 0
    const undo = site.hooks['undo db']
    site.hooks['undo db'] = (ctx, inputs) => {
      if (++calls === 1) throw new Error('db does not answer')
      return undo?.(ctx, inputs)
    }
    const { deleted, failed } = await site.fermata.backups.prune('shop', last)
    expect([deleted.map(({ name }) => name), failed.map(({ name }) => name)]).to.deep.equal([['two'], ['one']])
  })

  it('keeps what failed last, and removes it once a good one came', async () => {
    await using backups = await backupSite()
    const { site } = backups
    await backups.backUp('one')
    site.hooks['settle web'] = () => {
      throw new Error('lost')
    }
    await site.start('backup', { snapshot_name: 'two', snapshot_policy: 'best_effort' })
    delete site.hooks['settle web']
    expect((await site.fermata.backups.explain('shop', last))[0]).to.deep.include({
      name: 'two',
      action: 'keep',
      reasons: ['partial, but newer than the last good one'],
    })
    await backups.backUp('three')
    const { deleted } = await site.fermata.backups.prune('shop', last)
    expect(deleted.map(({ name }) => name)).to.deep.equal(['one', 'two'])
  })

  it('wants to be told what to keep', async () => {
    await using backups = await backupSite()
    await backups.backUp('one')
    for (const policy of [{}, { floor: 3 }, { last: 0 }]) {
      expect(await codeOf(backups.site.fermata.backups.prune('shop', policy))).to.equal('usage.bad_argument')
    }
  })
})
