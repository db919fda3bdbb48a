// Claim: with best effort a cut that fails dooms nobody else; its own remains are taken back, and a later run adds what
// is missing in a round of its own.
import { expect } from 'chai'
import { fault } from '../../../src/kernel/fault.ts'
import type { BracketOptions } from '../../../src/plugins/contract/workflow.ts'
import { calls, faultOf } from '../../support/freezing-provider.ts'
import type { NodeSketch, SiteOptions } from '../../support/site.ts'
import {
  bracketOverAll,
  drive,
  momentsOf,
  timedSite,
  type TimedOptions,
  type TimedSite,
} from '../../support/timed-provider.ts'

const nodes: readonly NodeSketch[] = [
  { id: 'vm', isCompute: true, operations: calls },
  { id: 'db', host: 'vm', operations: calls },
  { id: 'far', isCompute: true, operations: calls },
]

const siteWith = (options: TimedOptions, changed: Partial<SiteOptions> = {}): Promise<TimedSite> =>
  timedSite(options, { nodes, ...changed })

const bestEffort: Partial<BracketOptions> = { isBestEffort: true }

const fail =
  (effect: 'none' | 'unknown' = 'none') =>
  (): never => {
    throw fault('operation.failed', { message: 'no space', retry: 'never', effect })
  }

describe('a bracket with best effort', () => {
  it('keeps the other parts when a cut fails, and names the one', async () => {
    const { test, world, provider } = await siteWith({ hooks: { 'cut db': fail('unknown') } })
    await using _ = test
    const { parts, failures } = await drive(world, bracketOverAll(test, bestEffort))
    expect(Object.keys(parts).toSorted()).to.deep.equal(['far', 'vm'])
    expect(Object.entries(failures).map(([id, { message }]) => [id, message])).to.deep.equal([['db', 'no space']])
    expect(provider.log.filter((line) => line.startsWith('undo'))).to.deep.equal(['undo db'])
    expect(provider.log.indexOf('undo db')).to.be.above(provider.log.lastIndexOf('thaw db'))
    expect([...provider.snapshots].map((key) => key.split('/').at(-1)).toSorted()).to.deep.equal(['far', 'vm'])
    expect((await momentsOf(test)).map(({ type }) => type)).not.to.include('bracket.abandoned')
  })

  it('takes back the cut of a part that could not be settled', async () => {
    const { test, world, provider } = await siteWith({ hooks: { 'settle db': fail() } })
    await using _ = test
    const { parts, failures } = await drive(world, bracketOverAll(test, bestEffort))
    expect([Object.keys(parts).toSorted(), Object.keys(failures)]).to.deep.equal([['far', 'vm'], ['db']])
    expect([...provider.snapshots].map((key) => key.split('/').at(-1)).toSorted()).to.deep.equal(['far', 'vm'])
  })

  it('adds what is missing in a round that freezes only what it needs', async () => {
    const hooks: Record<string, () => void> = { 'cut far': fail() }
    const { test, world, provider } = await siteWith({ hooks })
    await using _ = test
    const first = await drive(world, bracketOverAll(test, bestEffort))
    expect(Object.keys(first.failures)).to.deep.equal(['far'])
    delete hooks['cut far']
    const count = provider.log.length
    const { parts, failures, frozen } = await drive(world, bracketOverAll(await test.again(), bestEffort))
    expect(provider.log.slice(count)).to.deep.equal([
      'arm far',
      'freeze far',
      'cut far',
      'thaw far',
      'disarm far',
      'settle far',
    ])
    expect(Object.keys(parts).toSorted()).to.deep.equal(['db', 'far', 'vm'])
    expect(failures).to.deep.equal({})
    expect(parts['far']?.consistency).to.equal('filesystem')
    // They never stood still together.
    expect(frozen[0]?.interval).to.equal(null)
    expect(provider.snapshots.size).to.equal(3)
    const opened = (await momentsOf(test)).filter(({ type }) => type === 'bracket.opened')
    expect(opened.map(({ bracket, cuts }) => [bracket, cuts])).to.deep.equal([
      ['backup#1', ['vm', 'db', 'far']],
      ['backup#2', ['far']],
    ])
  })

  it('freezes for what is missing also what it runs on, and who runs there', async () => {
    const hooks: Record<string, () => void> = { 'cut db': fail() }
    const { test, world, provider } = await siteWith({ hooks })
    await using _ = test
    await drive(world, bracketOverAll(test, bestEffort))
    delete hooks['cut db']
    const count = provider.log.length
    const { parts } = await drive(world, bracketOverAll(await test.again(), bestEffort))
    const again = provider.log.slice(count)
    expect(again.filter((line) => line.startsWith('freeze'))).to.deep.equal(['freeze db', 'freeze vm'])
    expect(again.filter((line) => line.startsWith('cut'))).to.deep.equal(['cut db'])
    expect(parts['db']?.consistency).to.equal('application')
  })

  it('can be tried again as often as it takes', async () => {
    const hooks: Record<string, () => void> = { 'cut db': fail(), 'cut far': fail() }
    const { test, world } = await siteWith({ hooks })
    await using _ = test
    expect(Object.keys((await drive(world, bracketOverAll(test, bestEffort))).failures)).to.have.length(2)
    delete hooks['cut far']
    const second = await drive(world, bracketOverAll(await test.again(), bestEffort))
    expect([Object.keys(second.parts).toSorted(), Object.keys(second.failures)]).to.deep.equal([['far', 'vm'], ['db']])
    delete hooks['cut db']
    const third = await drive(world, bracketOverAll(await test.again(), bestEffort))
    expect([Object.keys(third.parts).toSorted(), third.failures]).to.deep.equal([['db', 'far', 'vm'], {}])
    // Whole now: there is nothing to try any more.
    const fourth = await drive(world, bracketOverAll(await test.again(), bestEffort))
    expect(fourth).to.deep.equal(third)
  })

  it('keeps what an earlier run has saved when the round for the rest fails as a whole', async () => {
    const hooks: Record<string, () => void> = { 'cut far': fail() }
    const { test, world, provider } = await siteWith({ hooks })
    await using _ = test
    await drive(world, bracketOverAll(test, bestEffort))
    hooks['freeze far'] = fail()
    const problem = await drive(world, faultOf(bracketOverAll(await test.again(), bestEffort)))
    expect(problem?.message).to.equal('no space')
    expect(provider.snapshots.size).to.equal(2)
    expect(provider.log).not.to.include('undo db')
    for (const name of Object.keys(hooks)) delete hooks[name]
    const { parts, failures } = await drive(world, bracketOverAll(await test.again(), bestEffort))
    expect([Object.keys(parts).toSorted(), failures]).to.deep.equal([['db', 'far', 'vm'], {}])
  })

  it('keeps what was cut in time when one cut hangs until the lease is over', async () => {
    const { test, world, provider } = await siteWith({
      hooks: { 'cut far': (ctx) => ctx.world.clock.sleep(1_000_000, ctx.signal) },
    })
    await using _ = test
    const { parts, failures } = await drive(world, bracketOverAll(test, bestEffort), 50)
    expect(Object.keys(parts).toSorted()).to.deep.equal(['db', 'vm'])
    expect(failures['far']?.code).to.equal('freeze.expired')
    expect(parts['db']?.consistency).to.equal('application')
    expect(provider.frozen.size).to.equal(0)
  })

  it('counts a cut in which somebody’s lease ended as failed, and no other', async () => {
    // The deadman of vm is quicker than we think: its clock runs ahead.
    const { test, world, provider } = await siteWith({
      takes: { 'cut db': 4900 },
      hooks: { 'cut db': () => void shorten() },
    })
    await using _ = test
    const shorten = (): void => {
      for (const one of provider.armed.values()) if (one.id === 'vm') one.firedAt = world.clock.now() + 100
    }
    const { parts, failures } = await drive(world, bracketOverAll(test, bestEffort), 50)
    expect(Object.keys(parts).toSorted()).to.deep.equal(['far', 'vm'])
    expect(failures['db']?.message).to.contain('vm')
    expect(test.site.journal.step('backup#1/lost/db')?.state).to.equal('failed')
    expect([...provider.snapshots].map((key) => key.split('/').at(-1)).toSorted()).to.deep.equal(['far', 'vm'])
  })

  it('fails as a whole when nothing at all could be cut, or when it is cancelled', async () => {
    const all = await siteWith({ hooks: { 'cut db': fail(), 'cut vm': fail(), 'cut far': fail() } })
    await using _ = all.test
    expect((await drive(all.world, faultOf(bracketOverAll(all.test, bestEffort))))?.message).to.contain('no space')
    const abort = new AbortController()
    const cancelled = await siteWith({ takes: { 'cut far': 2000 } }, { signal: abort.signal })
    await using __ = cancelled.test
    void cancelled.world.clock.sleep(1000).then(() => abort.abort())
    const problem = await drive(cancelled.world, faultOf(bracketOverAll(cancelled.test, bestEffort)))
    expect(problem?.code).to.equal('engine.cancelled')
    expect(cancelled.provider.frozen.size).to.equal(0)
    expect(cancelled.provider.snapshots.size).to.equal(0)
  })
})
