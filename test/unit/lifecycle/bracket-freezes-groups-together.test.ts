// Claim: whoever belongs together stands still together, as many as there are, and the bracket tells from when to when
// and how far apart the cuts were, for everybody and for each group of the blueprint.
import { expect } from 'chai'
import { groupsOf } from '../../../src/lifecycle/groups.ts'
import type { NodeSketch } from '../../support/site.ts'
import {
  bracketOverAll,
  drive,
  momentsOf,
  timedSite,
  type TimedOptions,
  type TimedSite,
} from '../../support/timed-provider.ts'
import { calls } from '../../support/freezing-provider.ts'

interface Sketch extends TimedOptions {
  readonly nodes: readonly NodeSketch[]
  readonly groups?: Readonly<Record<string, readonly string[]>>
}

const siteWith = ({ nodes, groups = {}, ...options }: Sketch): Promise<TimedSite> =>
  timedSite(options, { nodes, groups, lease: 30_000, pool: 8 })

const computes = (count: number): readonly NodeSketch[] =>
  Array.from({ length: count }, (_, index) => ({ id: `vm${index}`, isCompute: true, operations: calls }))

describe('a group of fifty', () => {
  it('with cuts of 200 ms stands still for no more than 1.5 s', async () => {
    const { test, world, provider } = await siteWith({
      nodes: computes(50),
      groups: { all: computes(50).map(({ id }) => id) },
      takes: { freeze: 20, cut: 200, thaw: 20, settle: 1000 },
    })
    await using _ = test
    const outcome = await drive(world, bracketOverAll(test), 5)
    expect(provider.stood).to.have.length(50)
    expect(Math.max(...provider.stood.map(({ from, to }) => to - from))).to.be.at.most(1500)
    const [everybody, group] = outcome.frozen
    expect(group).to.deep.equal({ ...everybody, group: 'all' })
    expect(everybody?.skew).to.be.within(200, 300)
    const { interval } = everybody ?? {}
    expect(Number(interval?.to) - Number(interval?.from)).to.be.within(190, 400)
    // What the bracket tells is never more than what really was.
    expect(interval?.from).to.be.at.least(Math.max(...provider.stood.map(({ from }) => from)))
    expect(interval?.to).to.be.at.most(Math.min(...provider.stood.map(({ to }) => to)))
    expect(Object.values(outcome.parts).every(({ consistency }) => consistency === 'filesystem')).to.equal(true)
  })

  it('leaves settling to the slots of the run', async () => {
    const { test, world, provider } = await siteWith({ nodes: computes(50), takes: { settle: 1000 } })
    await using _ = test
    const began = world.clock.now()
    await drive(world, bracketOverAll(test), 10)
    // 50 of a second each, 8 at a time.
    expect(world.clock.now() - began).to.be.at.least(7000)
    expect(provider.frozen.size).to.equal(0)
  })
})

describe('the groups of a blueprint', () => {
  const nodes: readonly NodeSketch[] = [
    { id: 'vm', isCompute: true, operations: calls },
    { id: 'db', host: 'vm', operations: calls },
    { id: 'disk', host: 'vm', operations: { 'cloudify.interfaces.snapshot.create': 'cut' } },
    { id: 'far', isCompute: true, operations: calls },
  ]

  it('are told with the instances that take part, nested ones too; groups of one are not', async () => {
    const { test, world } = await siteWith({
      nodes,
      groups: { data: ['db', 'disk'], site: ['data', 'far'], alone: ['far'] },
      takes: { 'cut far': 500 },
    })
    await using _ = test
    const { frozen } = await drive(world, bracketOverAll(test))
    expect(frozen.map(({ group, instances }) => [group, instances])).to.deep.equal([
      [null, ['db', 'vm', 'far', 'disk']],
      ['data', ['db', 'disk']],
      ['site', ['db', 'disk', 'far']],
    ])
    const skews = frozen.map(({ skew }) => Number(skew))
    expect(skews[1]).to.be.below(100)
    expect(skews[2]).to.be.within(500, 600)
    const [opened] = await momentsOf(test)
    expect(opened?.['groups']).to.deep.equal({ data: ['db', 'disk'], site: ['db', 'disk', 'far'] })
  })

  it('have no common interval when one of those they rest on did not stand still', async () => {
    const { test, world } = await siteWith({ nodes, groups: { data: ['db', 'disk'], pair: ['db', 'far'] } })
    await using _ = test
    const { frozen } = await drive(world, bracketOverAll(test, { policies: { far: 'skip' } }))
    const intervals = Object.fromEntries(frozen.map(({ group, interval }) => [String(group), interval !== null]))
    expect(intervals).to.deep.equal({ null: false, data: true, pair: false })
  })

  it('have one when what has no freeze of its own takes part, and its part is worth what its cut says', async () => {
    const unasked = { kind: 'none', longestHold: null, reason: 'nobody gave a user for it', isUnasked: true } as const
    const probe = (id: string) => (id === 'far' ? unasked : undefined)
    const { test, world, provider } = await siteWith({ nodes, groups: { pair: ['db', 'far'] }, probe })
    await using _ = test
    const { frozen, parts } = await drive(world, bracketOverAll(test))
    expect(provider.log).to.not.include('freeze far')
    const [longest = 0] = provider.stood.map(({ from, to }) => to - from).toSorted((one, other) => other - one)
    for (const { interval } of frozen) expect(Number(interval?.to) - Number(interval?.from)).to.be.within(0, longest)
    expect(parts['far']).to.deep.include({ consistency: 'crash', reason: 'nothing was frozen' })
  })

  it('choose who takes part, and one that is not there is refused with a near name', async () => {
    const { test } = await siteWith({ nodes, groups: { data: ['db', 'disk'], site: ['data', 'far'] } })
    await using _ = test
    expect(test.run.select({ groups: ['site'] }).map(({ id }) => id)).to.deep.equal(['db', 'disk', 'far'])
    expect(test.run.select({ groups: ['site'], include_instances: ['far'] }).map(({ id }) => id)).to.deep.equal(['far'])
    expect(() => test.run.select({ groups: ['date'] }))
      .to.throw("no group 'date'")
      .with.property('hint')
      .that.contains('data')
  })

  it('that name each other in a circle are read to their end', () => {
    const instances = ['a', 'b'].map((nodeId) => ({ id: `${nodeId}_1`, nodeId }))
    const sections = [{ one: { members: ['a', 'two'] }, two: { members: ['b', 'one'] } }]
    expect(groupsOf(sections, instances)).to.deep.equal({ one: ['a_1', 'b_1'], two: ['a_1', 'b_1'] })
  })
})

describe('who has to stand still for a part', () => {
  it('is all that runs on its host, and nobody else', async () => {
    const nodes: readonly NodeSketch[] = [
      { id: 'vm', isCompute: true, operations: calls },
      { id: 'db', host: 'vm', operations: calls },
      { id: 'other', isCompute: true, operations: calls },
    ]
    const { test, world } = await siteWith({ nodes })
    await using _ = test
    const { parts } = await drive(world, bracketOverAll(test, { policies: { other: 'skip' } }))
    expect(parts['vm']?.consistency).to.equal('application')
    expect(parts['other']).to.deep.include({ consistency: 'crash', reason: 'nothing was frozen: other was skipped' })
  })

  it('is the host of what it is connected with when it is contained in nothing', async () => {
    const cut = { 'cloudify.interfaces.snapshot.create': 'cut' }
    const nodes: readonly NodeSketch[] = [
      { id: 'vm', isCompute: true, operations: calls },
      { id: 'volume', dependsOn: ['vm'], operations: cut },
      { id: 'stray', operations: cut },
    ]
    const { test, world } = await siteWith({ nodes })
    await using _ = test
    const { parts } = await drive(world, bracketOverAll(test))
    expect(parts['volume']?.consistency).to.equal('filesystem')
    expect(parts['stray']).to.deep.include({ consistency: 'crash', reason: 'nothing was frozen' })
  })
})
