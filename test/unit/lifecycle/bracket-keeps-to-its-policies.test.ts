// Claim: a policy per node says whether it has to stand still: without a required one the bracket fails, without a
// preferred one labels sink, and who is skipped is not called.
import { expect } from 'chai'
import { fault } from '../../../src/kernel/fault.ts'
import type { BracketOptions, BracketOutcome } from '../../../src/plugins/contract/workflow.ts'
import { faultOf, threeTier } from '../../support/freezing-provider.ts'
import { testSite, type NodeSketch } from '../../support/site.ts'
import {
  bracketOverAll,
  drive,
  momentsOf,
  timedProvider,
  timedSite,
  type TimedOptions,
  type TimedSite,
} from '../../support/timed-provider.ts'

const siteWith = (options: TimedOptions, nodes: readonly NodeSketch[] = threeTier): Promise<TimedSite> =>
  timedSite(options, { nodes })

const refuse = (): never => {
  throw fault('freeze.refused', { details: { reason: 'no agent' }, retry: 'never' })
}

const labels = ({ parts }: BracketOutcome): object =>
  Object.fromEntries(Object.entries(parts).map(([id, { consistency }]) => [id, consistency]))

const withOwn = (id: string, properties: Record<string, string>): readonly NodeSketch[] =>
  threeTier.map((node) => (node.id === id ? { ...node, properties } : node))

describe('freeze_policy', () => {
  it('require (the default) fails the bracket when a node cannot be frozen, and says why', async () => {
    const { test, provider, world } = await siteWith({ hooks: { 'freeze vm': refuse } })
    await using _ = test
    const problem = await drive(world, faultOf(bracketOverAll(test)))
    expect(problem?.message).to.contain('no agent')
    expect(provider.frozen.size).to.equal(0)
    expect(provider.log).not.to.include('cut db')
  })

  it('prefer goes on without the node, thaws it for safety, and labels everything it counts for down', async () => {
    const { test, provider, world } = await siteWith({ hooks: { 'freeze vm': refuse } })
    await using _ = test
    const outcome = await drive(world, bracketOverAll(test, { policy: 'prefer' }))
    expect(labels(outcome)).to.deep.equal({ vm: 'crash', db: 'crash', web: 'crash' })
    expect(outcome.parts['db']?.reason).to.contain('vm was not frozen').and.to.contain('no agent')
    expect(provider.log.filter((line) => line === 'thaw vm')).to.have.length(1)
    expect(provider.armed.size).to.equal(0)
    const left = (await momentsOf(test)).filter(({ type }) => type === 'freeze.left')
    expect(left.map(({ instance, policy }) => [instance, policy])).to.deep.equal([['vm', 'prefer']])
    expect(test.events.some(({ level, message }) => level === 'WARNING' && message.includes('no agent'))).to.equal(true)
    expect(outcome.frozen[0]?.interval).to.equal(null)
  })

  it('prefer lets a node whose lease ends go on alone, while those that have to stand still do', async () => {
    const { test, provider, world } = await siteWith({
      hasExtend: true,
      takes: { cut: 8000 },
      hooks: {
        'extend db'() {
          throw new Error('no answer')
        },
      },
    })
    await using _ = test
    const options: Partial<BracketOptions> = { policies: { db: 'prefer' }, longestHold: 60_000 }
    const outcome = await drive(world, bracketOverAll(test, options), 100)
    expect(labels(outcome)).to.deep.equal({ vm: 'crash', db: 'crash', web: 'crash' })
    expect(outcome.parts['web']?.reason).to.match(
      /^the lease of db ended 5\.\d\d s into the cut$|^the lease of db ended 4\.\d\d s into the cut$/,
    )
    const stood = Object.fromEntries(provider.stood.map(({ id, from, to }) => [id, to - from]))
    expect(stood['db']).to.be.at.most(5000)
    expect(stood['vm']).to.be.at.least(8000)
    expect(provider.frozen.size).to.equal(0)
  })

  it('prefer does not let a freeze that hangs use up the leases of the others', async () => {
    const { test, world, provider } = await siteWith({
      hooks: { 'freeze vm': (ctx) => ctx.world.clock.sleep(1_000_000, ctx.signal) },
    })
    await using _ = test
    const outcome = await drive(world, bracketOverAll(test, { policies: { vm: 'prefer' } }), 50)
    expect(Object.keys(outcome.parts)).to.have.length(3)
    expect(outcome.parts['db']?.reason).to.contain('vm was not frozen')
    expect(provider.log.filter((line) => line.startsWith('cut'))).to.have.length(3)
  })

  it('prefer does not fail for a node that was certainly never frozen and cannot be thawed either', async () => {
    const { test, world, provider } = await siteWith({ hooks: { 'freeze vm': refuse, 'thaw vm': refuse } })
    await using _ = test
    const { parts } = await drive(world, bracketOverAll(test, { policy: 'prefer' }))
    expect(Object.keys(parts)).to.have.length(3)
    const open = await test.store.query.selectFrom('freezes').selectAll().where('thawed_at', 'is', null).execute()
    expect(open).to.deep.equal([])
    expect(provider.frozen.size).to.equal(0)
  })

  it('prefer fails for a node that may be frozen and cannot be thawed, and does not keep the others waiting', async () => {
    const { test, world, provider } = await siteWith({
      hooks: {
        'freeze vm'() {
          throw fault('operation.failed', { message: 'lost the answer', retry: 'never', effect: 'unknown' })
        },
        'thaw vm': (ctx) => ctx.world.clock.sleep(20_000, ctx.signal).then(refuse),
      },
    })
    await using _ = test
    const problem = await drive(world, faultOf(bracketOverAll(test, { policies: { vm: 'prefer' } })), 50)
    expect(problem?.message).to.contain('no agent')
    expect(provider.log.filter((line) => line === 'thaw vm')).to.have.length(1)
    for (const { id, from, to } of provider.stood) expect(to - from, id).to.be.below(5000)
  })

  it('prefer takes a freeze that succeeds while it is given up, and watches over it until its lease ends', async () => {
    const { test, world, provider } = await siteWith({
      takes: { cut: 8000 },
      hooks: { 'freeze vm': (ctx) => ctx.world.clock.sleep(2800) },
    })
    await using _ = test
    const { parts } = await drive(world, bracketOverAll(test, { policy: 'prefer' }), 100)
    expect(Object.keys(parts)).to.have.length(3)
    expect(provider.log).to.include('thaw vm')
    expect(provider.frozen.size).to.equal(0)
    expect(world.sleeping).to.equal(0)
  })

  it('skip calls neither prepare nor finalize of the node, and labels what it would have told', async () => {
    const { test, provider, world } = await siteWith({})
    await using _ = test
    const outcome = await drive(world, bracketOverAll(test, { policies: { db: 'skip' } }))
    expect(provider.log.filter((line) => /^(arm|freeze|thaw|disarm) db/.test(line))).to.deep.equal([])
    expect(labels(outcome)).to.deep.equal({ vm: 'filesystem', db: 'filesystem', web: 'filesystem' })
    expect(outcome.parts['vm']?.reason).to.equal('db was not asked to stand still')
    const left = (await momentsOf(test)).filter(({ type }) => type === 'freeze.left')
    expect(left.map(({ instance, policy }) => [instance, policy])).to.deep.equal([['db', 'skip']])
  })

  it('of the node itself counts before what the workflow wants of all, and not before what it wants of the node', async () => {
    const nodes = withOwn('db', { freeze_policy: 'skip' })
    const first = await siteWith({}, nodes)
    await using _ = first.test
    await drive(first.world, bracketOverAll(first.test, { policy: 'require' }))
    expect(first.provider.log).not.to.include('freeze db')
    const second = await siteWith({}, nodes)
    await using __ = second.test
    await drive(second.world, bracketOverAll(second.test, { policies: { db: 'require' } }))
    expect(second.provider.log).to.include('freeze db')
  })

  it('of a node that is not there is refused with a near name, and one that is none as well', async () => {
    const { test, provider } = await siteWith({})
    await using _ = test
    const unknown = await faultOf(bracketOverAll(test, { policies: { dbs: 'skip' } }))
    expect(unknown?.code).to.equal('plan.unknown_node')
    expect((unknown as { hint?: string }).hint).to.contain("'db'")
    const bad = await siteWith({}, withOwn('db', { freeze_policy: 'maybe' }))
    await using __ = bad.test
    expect((await faultOf(bracketOverAll(bad.test)))?.message).to.contain('must be one of require, prefer, skip')
    expect(provider.log).to.deep.equal([])
  })

  it('require, said and not only meant, refuses a node that nothing but us would thaw', async () => {
    const { test, provider, world } = await siteWith({ hasNoDeadman: true })
    await using _ = test
    const problem = await faultOf(bracketOverAll(test, { policy: 'require' }))
    expect(problem?.code).to.equal('plan.unsupported')
    expect(problem?.message).to.contain('nothing on the node would thaw it')
    expect(provider.log).to.deep.equal([])
    const outcome = await drive(world, bracketOverAll(test))
    expect(labels(outcome)).to.deep.equal({ vm: 'application', db: 'application', web: 'application' })
    const kinds = await test.store.query.selectFrom('freezes').select('kind').execute()
    expect(kinds.map(({ kind }) => kind)).to.deep.equal(['none', 'none', 'none'])
  })

  it('does not take a lost store for a node that could not be frozen', async () => {
    const provider = timedProvider({})
    let count = 0
    await using test = await testSite({
      nodes: threeTier,
      operations: provider.operations,
      async commit(writes, store) {
        if (++count === 3) throw fault('store.full', { details: { home: '/home' } })
        await store.commit(writes)
      },
    })
    expect((await faultOf(bracketOverAll(test, { policy: 'prefer' })))?.code).to.equal('store.full')
    expect(provider.frozen.size).to.equal(0)
  })
})
