// Claim: with best effort a backup some of whose parts fail is kept as partial and ends failed, saying what it lacks;
// resumed, it becomes whole. With all or nothing nothing of it is kept.
import { expect } from 'chai'
import { engineSite, type EngineSite } from '../support/engine-site.ts'

const fail = (message: string) => () => {
  throw new Error(message)
}

async function pointOf(site: EngineSite): Promise<{ status: string; parts: readonly string[] }> {
  const [point] = await site.fermata.backups.list()
  if (!point) return { status: 'none', parts: [] }
  const { partList } = await site.fermata.backups.get(point.id)
  return { status: point.status, parts: partList.map(({ nodeId }) => nodeId).toSorted() }
}

describe('a backup with best effort', () => {
  it('ends failed when a part fails, keeps the others, and is whole once resumed', async () => {
    await using site = await engineSite({ hooks: { 'cut db': fail('no space') } })
    const execution = await site.start('backup', { snapshot_name: 'one', snapshot_policy: 'best_effort' })
    expect([execution.status, execution.error?.code]).to.deep.equal(['failed', 'backup.partial'])
    expect(execution.error?.message).to.contain("'one' is partial").and.to.contain(String(site.ids['db']))
    expect(await pointOf(site)).to.deep.equal({ status: 'partial', parts: ['vm', 'web'] })
    expect([...site.frozen, ...site.armed]).to.deep.equal([])
    delete site.hooks['cut db']
    const count = site.log.length
    const resumed = await site.fermata.executions.resume(execution.id)
    expect([resumed.status, resumed.error]).to.deep.equal(['terminated', null])
    expect(site.log.slice(count).filter((line) => line.startsWith('cut'))).to.deep.equal(['cut db'])
    expect(await pointOf(site)).to.deep.equal({ status: 'good', parts: ['db', 'vm', 'web'] })
  })

  it('stays partial when resuming fails, whatever fails then', async () => {
    await using site = await engineSite({ hooks: { 'cut db': fail('no space') } })
    const execution = await site.start('backup', { snapshot_name: 'one', snapshot_policy: 'best_effort' })
    site.hooks['freeze db'] = fail('no agent')
    const resumed = await site.fermata.executions.resume(execution.id)
    expect([resumed.status, resumed.error?.message]).to.deep.equal([
      'failed',
      "plugin 'test', operation 'freeze': Error: no agent",
    ])
    expect(await pointOf(site)).to.deep.equal({ status: 'partial', parts: ['vm', 'web'] })
    for (const hook of ['freeze db', 'cut db']) delete site.hooks[hook]
    expect((await site.fermata.executions.resume(execution.id)).status).to.equal('terminated')
    expect(await pointOf(site)).to.deep.equal({ status: 'good', parts: ['db', 'vm', 'web'] })
  })

  it('is whole when nothing fails', async () => {
    await using site = await engineSite()
    const { status, result } = await site.start('backup', { snapshot_name: 'one', snapshot_policy: 'best_effort' })
    expect(status).to.equal('terminated')
    expect(result).to.deep.include({ snapshot_name: 'one' })
    expect(await pointOf(site)).to.deep.equal({ status: 'good', parts: ['db', 'vm', 'web'] })
  })

  it('keeps nothing, and leaves the name free, when nothing could be saved', async () => {
    const hooks = { 'cut db': fail('no'), 'cut vm': fail('no'), 'cut web': fail('no') }
    await using site = await engineSite({ hooks })
    const execution = await site.start('backup', { snapshot_name: 'one', snapshot_policy: 'best_effort' })
    expect([execution.status, execution.error?.code]).to.deep.equal(['failed', 'engine.workflow_failed'])
    expect(await pointOf(site)).to.deep.equal({ status: 'none', parts: [] })
  })
})

describe('how a backup freezes', () => {
  it('is asked for by parameters, which no operation is bothered with', async () => {
    await using site = await engineSite()
    const parameters = {
      snapshot_name: 'one',
      freeze_policies: 'db=skip',
      freeze_slo: '10m',
      max_hold: '2m',
      lease: 60,
    }
    const execution = await site.start('backup', parameters)
    expect(execution.error).to.equal(null)
    expect(site.log).not.to.include('freeze db')
    expect(Object.keys(site.inputs['cut vm'] ?? {}).toSorted()).to.deep.equal([
      'snapshot_incremental',
      'snapshot_name',
      'snapshot_rotation',
      'snapshot_type',
    ])
    const named = { snapshot_name: 'two', freeze_policies: { db: 'skip', web: 'prefer' } }
    expect((await site.start('backup', named)).error).to.equal(null)
    expect(site.log).not.to.include('freeze db')
    const { partList } = await site.fermata.backups.get('one')
    const labels = Object.fromEntries(partList.map(({ nodeId, consistency }) => [nodeId, consistency]))
    expect(labels['vm']).to.equal('filesystem')
  })

  it('is refused in words where a parameter makes no sense', async () => {
    await using site = await engineSite()
    const wrong: readonly (readonly [Record<string, string>, string])[] = [
      [{ freeze_policy: 'always' }, 'must be one of require, prefer, skip'],
      [{ freeze_slo_action: 'panic' }, 'must be one of fail, degrade, warn'],
      [{ snapshot_policy: 'some' }, 'must be one of all, best_effort'],
      [{ freeze_policies: 'db=always' }, "'db' must be one of require, prefer, skip"],
      [{ freeze_policies: 'dbs=skip' }, "no node 'dbs'"],
      [{ groups: 'nobody' }, "no group 'nobody'"],
      [{ freeze_slo: 'long' }, 'is not a length of time'],
    ]
    for (const [parameters, words] of wrong) {
      const refusal = await site.start('backup', { snapshot_name: 'one', ...parameters }).then(
        ({ error }) => error?.message ?? 'no error',
        (thrown: Error) => thrown.message,
      )
      expect(refusal, JSON.stringify(parameters)).to.contain(words)
    }
    expect(site.log).to.deep.equal([])
  })
})
