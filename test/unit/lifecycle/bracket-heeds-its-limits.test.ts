// Claim: a limit for standing still is compared with what earlier freezes took, before anything is frozen, and watched
// while it lasts; what then happens is what was asked for.
import { expect } from 'chai'
import { predictFreeze } from '../../../src/lifecycle/freeze-history.ts'
import type { FreezeSlo } from '../../../src/plugins/contract/workflow.ts'
import { faultOf, threeTier } from '../../support/freezing-provider.ts'
import type { NodeSketch, TestSite } from '../../support/site.ts'
import {
  bracketOverAll,
  drive,
  momentsOf,
  timedSite,
  type TimedOptions,
  type TimedSite,
} from '../../support/timed-provider.ts'

const siteWith = (options: TimedOptions, nodes: readonly NodeSketch[] = threeTier): Promise<TimedSite> =>
  timedSite(options, { nodes, lease: 30_000 })

const slo = (limit: number, onBreach: FreezeSlo['onBreach']): { readonly slo: FreezeSlo } => ({
  slo: { limit, onBreach },
})

const warnings = (test: TestSite): string =>
  test.events
    .filter(({ level }) => level === 'WARNING')
    .map(({ message }) => message)
    .join('\n')

/** Windows of a node, newest last. */
async function remember(test: TestSite, node: string, lengths: readonly number[]): Promise<void> {
  const rows = lengths.map((length, index) => ({
    execution_id: `execution-${node}-${index}`,
    bracket: 'backup#1',
    instance_id: node,
    token: 't',
    deadman: null,
    inputs: '{}',
    frozen_at: 1000 * index,
    until: 0,
    thawed_at: 1000 * index + length,
    expired: 0,
    node_id: node,
    deployment_id: 'd',
    kind: 'none',
    seen_frozen_at: 1000 * index,
    begun: 2 * index,
    seen: 2 * index + 1,
  }))
  await test.store.query.insertInto('freezes').values(rows).execute()
  const steps = rows.map(({ execution_id }) => ({
    execution_id,
    key: 'backup#1/thawed',
    state: 'done',
    attempt: 1,
    result: null,
    fault: null,
    started_at: 0,
    ended_at: 0,
  }))
  await test.store.query.insertInto('steps').values(steps).execute()
}

describe('what a freeze is likely to take', () => {
  it('is the longest of the last ten completed ones of the node', async () => {
    const { test } = await siteWith({})
    await using _ = test
    await remember(test, 'db', [900, 10, 20, 30, 40, 50, 60, 70, 80, 90, 50])
    await remember(test, 'web', [5])
    await test.store.query
      .updateTable('freezes')
      .set({ thawed_at: null })
      .where('execution_id', '=', 'execution-db-10')
      .execute()
    const known = await predictFreeze(test.store, 'd', ['db', 'web', 'vm'])
    expect(Object.fromEntries(known)).to.deep.equal({ db: 900, web: 5 })
    await test.store.query
      .updateTable('freezes')
      .set({ thawed_at: 10_050 })
      .where('execution_id', '=', 'execution-db-10')
      .execute()
    expect((await predictFreeze(test.store, 'd', ['db'])).get('db')).to.equal(90)
    expect((await predictFreeze(test.store, 'other', ['db'])).size).to.equal(0)
  })

  it('does not count what a lease ended, or a bracket that did not come through', async () => {
    const { test } = await siteWith({})
    await using _ = test
    await remember(test, 'db', [900, 800, 70])
    await test.store.query
      .updateTable('freezes')
      .set({ expired: 1 })
      .where('execution_id', '=', 'execution-db-0')
      .execute()
    await test.store.query.deleteFrom('steps').where('execution_id', '=', 'execution-db-1').execute()
    expect((await predictFreeze(test.store, 'd', ['db'])).get('db')).to.equal(70)
  })
})

describe('a limit that would be exceeded', () => {
  it('refuses the bracket before anything is frozen, naming node, prediction and limit', async () => {
    const { test, provider } = await siteWith({})
    await using _ = test
    await remember(test, 'db', [2500])
    const problem = await faultOf(bracketOverAll(test, slo(1000, 'fail')))
    expect(problem?.code).to.equal('freeze.slo_predicted')
    expect(problem?.message).to.contain("'db'").and.to.contain('2.50 s').and.to.contain('1.00 s')
    expect(provider.log).to.deep.equal([])
  })

  it('leaves the node running and labels down', async () => {
    const { test, world, provider } = await siteWith({})
    await using _ = test
    await remember(test, 'db', [2500])
    const { parts } = await drive(world, bracketOverAll(test, slo(1000, 'degrade')))
    expect(provider.log).not.to.include('freeze db')
    expect(parts['db']?.consistency).to.equal('crash')
    expect(parts['db']?.reason).to.contain('its limit is 1.00 s')
    const left = (await momentsOf(test)).filter(({ type }) => type === 'freeze.left')
    expect(left.map(({ instance, policy }) => [instance, policy])).to.deep.equal([['db', 'degrade']])
  })

  it('is told, and nothing else', async () => {
    const { test, world, provider } = await siteWith({})
    await using _ = test
    await remember(test, 'db', [2500])
    const { parts } = await drive(world, bracketOverAll(test, slo(1000, 'warn')))
    expect(provider.log).to.include('freeze db')
    expect(parts['db']?.consistency).to.equal('application')
    expect(warnings(test)).to.contain('Freezing db')
  })

  it('is the node’s own where it has one', async () => {
    const nodes = threeTier.map((node) => (node.id === 'db' ? { ...node, properties: { freeze_slo: '3s' } } : node))
    const { test, world, provider } = await siteWith({}, nodes)
    await using _ = test
    await remember(test, 'db', [2500])
    await drive(world, bracketOverAll(test, slo(1000, 'fail')))
    expect(provider.log).to.include('freeze db')
    const strict = threeTier.map((node) => (node.id === 'db' ? { ...node, properties: { freeze_slo: 1 } } : node))
    const second = await siteWith({}, strict)
    await using __ = second.test
    await remember(second.test, 'db', [2500])
    const own = faultOf(bracketOverAll(second.test, slo(Infinity, 'fail')))
    expect((await drive(second.world, own))?.code).to.equal('freeze.slo_predicted')
    const wrong = threeTier.map((node) => (node.id === 'db' ? { ...node, properties: { freeze_slo: 'soon' } } : node))
    const third = await siteWith({}, wrong)
    await using ___ = third.test
    expect((await faultOf(bracketOverAll(third.test)))?.message)
      .to.contain("'freeze_slo'")
      .and.to.contain("'soon'")
  })
})

describe('a limit that is exceeded meanwhile', () => {
  it('ends the bracket: cuts are stopped, everybody is thawed, what was cut is taken back', async () => {
    const { test, world, provider } = await siteWith({ takes: { 'cut db': 5000 } })
    await using _ = test
    const problem = await drive(world, faultOf(bracketOverAll(test, slo(1000, 'fail'))))
    expect(problem?.code).to.equal('freeze.slo_breached')
    expect(problem?.message).to.contain('1.00 s')
    expect(provider.frozen.size).to.equal(0)
    expect(provider.snapshots.size).to.equal(0)
    for (const { id, from, to } of provider.stood) expect(to - from, id).to.be.at.most(1600)
    expect(world.sleeping).to.equal(0)
  })

  it('thaws the node at its limit, goes on, and labels down with the instant', async () => {
    const nodes = threeTier.map((node) => (node.id === 'db' ? { ...node, properties: { freeze_slo: '1s' } } : node))
    const { test, world, provider } = await siteWith({ takes: { cut: 3000 } }, nodes)
    await using _ = test
    const { parts } = await drive(world, bracketOverAll(test, slo(Infinity, 'degrade')))
    expect(Object.keys(parts)).to.have.length(3)
    expect(parts['web']?.reason).to.match(/^db was thawed (9\d\d ms|1\.0\d s) into the cut$/)
    const stood = Object.fromEntries(provider.stood.map(({ id, from, to }) => [id, to - from]))
    expect(stood['db']).to.be.within(900, 1100)
    expect(stood['web']).to.be.at.least(3000)
    expect(provider.log.filter((line) => line === 'thaw db')).to.have.length(1)
  })

  it('is told once, and nothing else', async () => {
    const { test, world } = await siteWith({ takes: { cut: 3000 } })
    await using _ = test
    const { parts } = await drive(world, bracketOverAll(test, slo(1000, 'warn')))
    expect(parts['db']?.consistency).to.equal('application')
    expect(warnings(test).match(/db is frozen for more than its limit/g)).to.have.length(1)
  })

  it('is told also when only the thaw made it so long', async () => {
    const { test, world } = await siteWith({ takes: { 'thaw vm': 3000 } })
    await using _ = test
    const { parts } = await drive(world, bracketOverAll(test, slo(1000, 'fail')))
    expect(Object.keys(parts)).to.have.length(3)
    expect(warnings(test)).to.match(/vm was frozen for 3\.\d\d s; its limit is 1\.00 s/)
  })

  it('gives up a freeze that takes too long, and lets the node run', async () => {
    const { test, world, provider } = await siteWith({ takes: { 'freeze vm': 5000 } })
    await using _ = test
    const { parts } = await drive(world, bracketOverAll(test, slo(1000, 'degrade')))
    expect(Object.keys(parts)).to.have.length(3)
    expect(parts['vm']?.consistency).to.equal('crash')
    expect(provider.frozen.size).to.equal(0)
  })
})
