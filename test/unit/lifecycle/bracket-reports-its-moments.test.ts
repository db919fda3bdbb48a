// Claim: a bracket reports each moment from where it happens, and knows each freeze in the ledger: whose, by what kept,
// since when.
import { expect } from 'chai'
import type { NodeSketch } from '../../support/site.ts'
import { simulatedWorld } from '../../../src/world/simulated-world.ts'
import { calls, threeTier } from '../../support/freezing-provider.ts'
import { fault } from '../../../src/kernel/fault.ts'
import { faultPoints, type FaultPoint } from '../../../src/kernel/fault-point.ts'
import { bracketOverAll, drive, momentsOf, timedSite, type TimedOptions } from '../../support/timed-provider.ts'

async function siteWith(options: TimedOptions, nodes: readonly NodeSketch[] = threeTier) {
  const world = simulatedWorld(1)
  const passed: FaultPoint[] = []
  const pointed = Object.assign(Object.create(world) as typeof world, {
    point: async (name: FaultPoint) => void passed.push(name),
  })
  return { ...(await timedSite(options, { nodes, world: pointed })), world, passed }
}

const one: readonly NodeSketch[] = [{ id: 'vm', isCompute: true, operations: calls }]

describe('the moments of a bracket', () => {
  it('come in the order in which things happened', async () => {
    const { test, world } = await siteWith({ takes: { freeze: 20, cut: 200, settle: 50, thaw: 20 } }, one)
    await using _ = test
    await drive(world, bracketOverAll(test))
    const moments = await momentsOf(test)
    expect(moments.map(({ type }) => type)).to.deep.equal([
      'bracket.opened',
      'ledger.written',
      'deadman.armed',
      'ledger.written',
      'freeze.begun',
      'freeze.done',
      'cut.begun',
      'cut.done',
      'thaw.begun',
      'thaw.done',
      'deadman.disarmed',
      'bracket.thawed',
      'settle.begun',
      'settle.done',
    ])
    expect(moments.every(({ bracket }) => bracket === 'backup#1')).to.equal(true)
    const at = (type: string): number => Number(moments.find((moment) => moment['type'] === type)?.['at'])
    expect(at('freeze.done') - at('freeze.begun')).to.be.within(20, 40)
    expect(at('cut.done') - at('cut.begun')).to.be.within(200, 220)
  })

  it('tell who is frozen in which order, and who is cut', async () => {
    const { test, world } = await siteWith({})
    await using _ = test
    await drive(world, bracketOverAll(test))
    const [opened] = await momentsOf(test)
    expect(opened).to.deep.include({
      type: 'bracket.opened',
      purpose: 'save',
      tiers: [['db', 'web'], ['vm']],
      cuts: ['vm', 'db', 'web'],
      groups: {},
    })
  })

  it('tell of failures what they were and whether something may have happened', async () => {
    const { test, world } = await siteWith({
      hooks: {
        'cut vm'() {
          throw fault('operation.failed', { details: { message: 'no' }, retry: 'never', effect: 'unknown' })
        },
      },
    })
    await using _ = test
    const problem = await drive(world, bracketOverAll(test)).catch((thrown: Error) => thrown)
    expect(problem).to.be.an('error')
    const moments = await momentsOf(test)
    expect(moments.find(({ type }) => type === 'cut.failed')).to.deep.include({
      instance: 'vm',
      code: 'operation.failed',
      effect: 'unknown',
    })
    const types = moments.map(({ type, instance }) => `${String(type)} ${String(instance)}`)
    expect(types.indexOf('undo.begun vm')).to.be.above(types.indexOf('thaw.done vm'))
    expect(types.indexOf('bracket.abandoned undefined')).to.be.above(types.indexOf('thaw.done web'))
  })

  it('pass every point at which a process may die in a bracket', async () => {
    const { test, world, passed } = await siteWith({ takes: { cut: 4000 }, hasExtend: true })
    await using _ = test
    await drive(world, bracketOverAll(test, { longestHold: 60_000 }), 50)
    const inside = Object.keys(faultPoints).filter((name) => /^(freeze|thaw|bracket)\./.test(name))
    expect(inside.filter((name) => !passed.includes(name as FaultPoint))).to.deep.equal(['bracket.abandoned'])
  })

  it('leave a ledger that names node, deployment, deadman and the instant of the freeze', async () => {
    const { test, world } = await siteWith({ takes: { freeze: 30, cut: 100 } }, one)
    await using _ = test
    await drive(world, bracketOverAll(test))
    const [row] = await test.store.query.selectFrom('freezes').selectAll().execute()
    expect(row).to.deep.include({ node_id: 'vm', deployment_id: 'd', kind: 'guest', expired: 0 })
    expect(Number(row?.seen_frozen_at) - Number(row?.frozen_at)).to.be.within(30, 50)
    expect(row?.thawed_at).to.be.above(Number(row?.seen_frozen_at))
  })
})

describe('what an operation is told of its bracket', () => {
  it('is its name and what it is for, also for the deadman', async () => {
    const { test, world, provider } = await siteWith({}, one)
    await using _ = test
    await drive(world, bracketOverAll(test, { name: 'restore', purpose: 'replace' }))
    expect(provider.seen.map(({ what }) => what)).to.deep.equal([
      'arm vm',
      'freeze vm',
      'cut vm',
      'thaw vm',
      'disarm vm',
      'settle vm',
    ])
    for (const { what, bracket } of provider.seen)
      expect(bracket, what).to.deep.equal({ name: 'restore', purpose: 'replace' })
  })

  it('is for an undo the receipt of what is taken back', async () => {
    const { test, world, provider } = await siteWith({
      hooks: {
        async 'cut web'(ctx) {
          await ctx.world.clock.sleep(100)
          throw fault('operation.failed', { details: { message: 'no' }, retry: 'never' })
        },
      },
    })
    await using _ = test
    await drive(
      world,
      bracketOverAll(test).catch(() => {}),
    )
    const undone = provider.seen.filter(({ what }) => what.startsWith('undo'))
    expect(undone.map(({ what }) => what).toSorted()).to.deep.equal(['undo db', 'undo vm'])
    for (const { what, part } of undone)
      expect(part).to.deep.include({ kind: 'test', providerId: `execution-1/backup#1/part/${what.slice(5)}` })
  })

  it('is for a deadman what the node itself does to be thawed', async () => {
    const { test, world, provider } = await siteWith({}, one)
    await using _ = test
    await drive(world, bracketOverAll(test))
    expect(provider.finalizes).to.deep.equal([
      {
        plugin: 'test',
        operation: 'thaw',
        inputs: { include_node_types: ['cloudify.nodes.Compute'], exclude_node_types: [] },
      },
    ])
  })
})
