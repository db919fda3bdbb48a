// Claim: a lease fits what the node can bear, is extended only while we live and only within its maximum, and is kept by
// the node's deadman whoever froze it: an operation made for freezing, or one that only happens to prepare.
import { expect } from 'chai'
import { fault } from '../../../src/kernel/fault.ts'
import { fsFinalize, fsPrepare, snapshotCreate } from '../../../src/lifecycle/operations.ts'
import { simulatedWorld } from '../../../src/world/simulated-world.ts'
import { calls, faultOf, threeTier } from '../../support/freezing-provider.ts'
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

const siteWith = (options: TimedOptions, nodes: readonly NodeSketch[] = one): Promise<TimedSite> =>
  timedSite(options, { nodes })

const one: readonly NodeSketch[] = [{ id: 'vm', isCompute: true, operations: calls }]

describe('a lease', () => {
  it('is extended at its half while cuts go on, on the node first and then in the ledger', async () => {
    const { test, world, provider } = await siteWith({ hasExtend: true, takes: { cut: 12_000 } })
    await using _ = test
    const outcome = await drive(world, bracketOverAll(test, { longestHold: 60_000 }), 50)
    expect(outcome.parts['vm']?.consistency).to.equal('filesystem')
    expect(provider.log.filter((line) => line === 'extend vm').length).to.be.within(4, 5)
    const moments = await momentsOf(test)
    const begun = Number(moments.find(({ type }) => type === 'freeze.begun')?.['at'])
    const extended = moments.filter(({ type }) => type === 'deadman.extended')
    expect(Number(extended[0]?.['at']) - begun).to.be.within(2400, 2700)
    const kinds = moments.map(({ type }) => type)
    const first = kinds.indexOf('deadman.extended')
    expect(kinds.indexOf('ledger.written', first)).to.be.above(first)
    expect(world.sleeping).to.equal(0)
  })

  it('never goes beyond the maximum', async () => {
    const { test, world, provider } = await siteWith({ hasExtend: true, takes: { cut: 30_000 } })
    await using _ = test
    const problem = await drive(world, faultOf(bracketOverAll(test, { longestHold: 8000 })), 50)
    expect(problem?.code).to.equal('freeze.expired')
    const [stood] = provider.stood
    expect(Number(stood?.to) - Number(stood?.from)).to.be.within(7000, 8000)
    expect(provider.armed.size).to.equal(0)
    expect(world.sleeping).to.equal(0)
  })

  it('stays as it is without an extension being asked for, or without a deadman that can', async () => {
    for (const [options, longestHold] of [
      [{ hasExtend: true }, undefined],
      [{ hasExtend: false }, 60_000],
    ] as const) {
      const { test, world, provider } = await siteWith({ ...options, takes: { cut: 12_000 } })
      await using _ = test
      const problem = await drive(world, faultOf(bracketOverAll(test, { longestHold })), 50)
      expect(problem?.code).to.equal('freeze.expired')
      expect(provider.log).not.to.include('extend vm')
    }
  })

  it('ends the bracket when an extension gets no answer', async () => {
    const { test, world, provider } = await siteWith({
      hasExtend: true,
      takes: { cut: 12_000 },
      hooks: {
        'extend vm'() {
          throw new Error('no answer')
        },
      },
    })
    await using _ = test
    const problem = await drive(world, faultOf(bracketOverAll(test, { longestHold: 60_000 })), 50)
    expect(problem?.code).to.equal('freeze.expired')
    expect(provider.log.filter((line) => line === 'extend vm')).to.have.length(1)
    expect(test.events.map(({ message }) => message).join()).to.contain('was not extended')
  })

  it('longer than a node can bear is refused before anything is frozen; one that nobody asked for is fitted', async () => {
    const { test, world, provider } = await siteWith({ longestHold: 3000 }, threeTier)
    await using _ = test
    const problem = await faultOf(bracketOverAll(test, { lease: 4000 }))
    expect(problem?.code).to.equal('freeze.lease_too_long')
    expect(problem?.message).to.contain('4.00 s').and.to.contain('3.00 s')
    expect(provider.log).to.deep.equal([])
    await drive(world, bracketOverAll(test))
    const armed = (await momentsOf(test)).filter(({ type }) => type === 'deadman.armed')
    expect(armed.map(({ lease }) => lease)).to.deep.equal([3000, 3000, 3000])
  })

  it('is what the node can bear as a look at it tells', async () => {
    const { test, world } = await siteWith(
      { probe: (id) => (id === 'db' ? { kind: 'guest', longestHold: 2000, reason: null } : undefined) },
      threeTier,
    )
    await using _ = test
    await drive(world, bracketOverAll(test))
    const armed = (await momentsOf(test)).filter(({ type }) => type === 'deadman.armed')
    expect(armed.map(({ lease }) => lease)).to.deep.equal([2000, 2000, 2000])
  })

  it('arms nothing where a look at the node tells that nothing can be', async () => {
    const { test, world, provider } = await siteWith(
      { probe: (id) => (id === 'db' ? { kind: 'none', longestHold: null, reason: 'it does not run' } : undefined) },
      threeTier,
    )
    await using _ = test
    await drive(world, bracketOverAll(test))
    expect(provider.log).not.to.include('arm db')
    expect(provider.log).to.include.members(['freeze db', 'thaw db', 'arm web'])
    const refused = await faultOf(bracketOverAll(test, { name: 'again', policy: 'require' }))
    expect(refused?.message).to.contain('it does not run')
  })

  it('is kept by a deadman also where fs_prepare is an operation in one piece', async () => {
    const prepared = { [fsPrepare]: 'prepare', [fsFinalize]: 'thaw', [snapshotCreate]: 'cut' }
    const { test, world, provider } = await siteWith({}, [{ id: 'db', operations: prepared }])
    await using _ = test
    await drive(world, bracketOverAll(test, { lease: 4000 }))
    expect(provider.log).to.deep.equal(['arm db', 'freeze db', 'cut db', 'thaw db', 'disarm db', 'settle db'])
    const rows = await test.store.query.selectFrom('freezes').selectAll().execute()
    expect(rows.map(({ kind, until, frozen_at }) => [kind, until - frozen_at])).to.deep.equal([['guest', 4000]])
  })

  it('begins anew with a second attempt, whose deadman replaces the first', async () => {
    let tries = 0
    const provider = timedProvider({
      hooks: {
        'freeze vm'() {
          if (++tries === 1) throw fault('freeze.refused', { details: { reason: 'busy' } })
        },
      },
    })
    const world = simulatedWorld(1)
    await using test = await testSite({
      nodes: one,
      operations: provider.operations,
      world,
      lease: 5000,
      retries: { retries: 2, interval: 1000 },
    })
    await drive(world, bracketOverAll(test))
    expect(provider.log.filter((line) => line === 'arm vm')).to.have.length(2)
    expect(provider.armed.size).to.equal(0)
  })

  it('of a freeze that was given up stays with its deadman; when the freeze comes after all it is taken back', async () => {
    const { test, world, provider } = await siteWith({
      hooks: { 'freeze vm': (ctx) => ctx.world.clock.sleep(5600) },
    })
    await using _ = test
    const problem = await drive(world, faultOf(bracketOverAll(test)), 50)
    expect(problem?.code).to.equal('freeze.expired')
    expect(provider.log).to.include('thaw vm').and.not.to.include('disarm vm')
    expect(test.events.map(({ message }) => message).join()).to.contain('its deadman stays armed')
    // Now it takes effect.
    await drive(world, world.clock.sleep(1000), 50)
    expect(provider.frozen.size).to.equal(0)
    expect(provider.stood).to.have.length(1)
    expect(provider.log.slice(-2)).to.deep.equal(['thaw vm', 'disarm vm'])
  })
})

describe('a deadman', () => {
  it('that cannot be looked at refuses the bracket, or leaves the node when it is only preferred', async () => {
    const options: TimedOptions = {
      probe(id) {
        if (id === 'db') throw new Error('no way in')
        return undefined
      },
    }
    const { test, world, provider } = await siteWith(options, threeTier)
    await using _ = test
    const problem = await faultOf(bracketOverAll(test))
    expect(problem?.message).to.contain('no way in')
    expect(provider.log).to.deep.equal([])
    const { parts } = await drive(world, bracketOverAll(test, { policies: { db: 'prefer' } }))
    expect(parts['db']?.reason).to.contain('no way in')
    expect(provider.log).not.to.include('freeze db')
  })

  it('that is armed only after its freeze was given up is disarmed at once, and nothing is frozen', async () => {
    const { test, world, provider } = await siteWith({ hooks: { 'arm vm': (ctx) => ctx.world.clock.sleep(6000) } })
    await using _ = test
    const problem = await drive(world, faultOf(bracketOverAll(test)), 50)
    expect(problem?.code).to.equal('freeze.expired')
    await drive(world, world.clock.sleep(1000), 50)
    expect(provider.armed.size).to.equal(0)
    expect(provider.log).not.to.include('freeze vm')
  })

  it('is disarmed also where nothing is called to finalize', async () => {
    const operations = { [fsPrepare]: 'prepare', [snapshotCreate]: 'cut' }
    const { test, world, provider } = await siteWith({}, [{ id: 'db', operations }])
    await using _ = test
    await drive(world, bracketOverAll(test))
    expect(provider.log).to.deep.equal(['arm db', 'freeze db', 'cut db', 'disarm db', 'settle db'])
    expect(provider.armed.size).to.equal(0)
    const kinds = (await momentsOf(test)).map(({ type }) => type)
    expect(kinds.indexOf('thaw.done')).to.be.below(kinds.indexOf('deadman.disarmed'))
  })

  it('that can be extended lets a cut be tried again for as long as it may be', async () => {
    let tries = 0
    const provider = timedProvider({
      hasExtend: true,
      hooks: {
        'cut vm'() {
          if (++tries < 4) throw fault('operation.failed', { message: 'busy' })
        },
      },
    })
    const world = simulatedWorld(1)
    const retries = { retries: 10, interval: 2000 }
    await using test = await testSite({ nodes: one, operations: provider.operations, world, lease: 5000, retries })
    const { parts } = await drive(world, bracketOverAll(test, { longestHold: 60_000 }), 50)
    expect([Object.keys(parts), tries]).to.deep.equal([['vm'], 4])
    tries = 0
    const short = await drive(world, faultOf(bracketOverAll(test, { name: 'short' })), 50)
    expect([short?.message, tries]).to.deep.equal(['busy', 3])
  })
})

describe('a node that somebody else holds frozen', () => {
  const heldBy = async (test: Awaited<ReturnType<typeof siteWith>>['test']): Promise<void> => {
    const row = {
      execution_id: 'execution-0',
      bracket: 'backup#1',
      instance_id: 'db',
      token: 't',
      deadman: null,
      inputs: '{}',
      frozen_at: 1,
      until: 2,
      thawed_at: null,
      expired: 0,
      node_id: 'db',
      deployment_id: 'd',
      kind: 'none',
      seen_frozen_at: 1,
      begun: 1,
      seen: 2,
    }
    await test.store.query.insertInto('freezes').values(row).execute()
  }

  it('is not frozen a second time: the fault names who holds it', async () => {
    const { test, provider } = await siteWith({}, threeTier)
    await using _ = test
    await heldBy(test)
    const problem = await faultOf(bracketOverAll(test))
    expect(problem?.code).to.equal('freeze.held')
    expect(problem?.message).to.contain("'db'").and.to.contain('execution-0')
    expect(provider.log).to.deep.equal([])
  })

  it('is left alone when it is only preferred, and not looked at when it is skipped', async () => {
    const { test, world, provider } = await siteWith({}, threeTier)
    await using _ = test
    await heldBy(test)
    const preferred = await drive(world, bracketOverAll(test, { policies: { db: 'prefer' } }))
    expect(preferred.parts['db']?.reason).to.contain("frozen by execution 'execution-0'")
    await drive(world, bracketOverAll(test, { name: 'second', policies: { db: 'skip' } }))
    expect(provider.log).not.to.include('freeze db')
  })

  it('is refused also to another bracket of the same execution', async () => {
    let isStuck = true
    const { test, world } = await siteWith(
      {
        hooks: {
          'thaw db'() {
            if (isStuck) throw fault('operation.failed', { message: 'no answer', retry: 'never' })
          },
        },
      },
      threeTier,
    )
    await using _ = test
    expect((await drive(world, faultOf(bracketOverAll(test))))?.message).to.contain('no answer')
    isStuck = false
    expect((await faultOf(bracketOverAll(test, { name: 'other' })))?.code).to.equal('freeze.held')
  })
})
