// Claim: a lease that ends inside a bracket ends the bracket: the cuts are taken back, everything is thawed, and the result
// is `freeze.expired`, never a good backup.
import { expect } from 'chai'
import { fault } from '../../../src/kernel/fault.ts'
import { fsFinalize, fsPrepare, snapshotCreate } from '../../../src/lifecycle/operations.ts'
import { simulatedWorld } from '../../../src/world/simulated-world.ts'
import {
  backUpAll,
  faultOf,
  freezingProvider,
  threeTier,
  type ProviderOptions,
} from '../../support/freezing-provider.ts'
import { testSite, type NodeSketch } from '../../support/site.ts'

function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  )
}

async function bracketOf(options: ProviderOptions & { readonly nodes?: readonly NodeSketch[] }) {
  const world = simulatedWorld(1)
  const provider = freezingProvider(options)
  const test = await testSite({
    nodes: options.nodes ?? threeTier,
    operations: provider.operations,
    world,
    lease: 5000,
  })
  return { world, provider, test }
}

describe('the lease of a bracket', () => {
  it('stops a cut that hangs, takes the others back and thaws', async () => {
    const reached = Promise.withResolvers<void>()
    const { world, provider, test } = await bracketOf({
      hooks: {
        async 'cut db'(ctx) {
          reached.resolve()
          await hang(ctx.signal)
        },
      },
    })
    await using _ = test
    const outcome = faultOf(backUpAll(test))
    await reached.promise
    await world.advance(5000)
    const problem = await outcome
    expect(problem?.code).to.equal('freeze.expired')
    expect(provider.outside()).to.deep.equal({ frozen: [], armed: {}, snapshots: [] })
    expect(provider.log.filter((line) => line.startsWith('undo')).toSorted()).to.deep.equal([
      'undo db',
      'undo vm',
      'undo web',
    ])
  })

  it('leaves behind a cut that does not heed its signal', async () => {
    const reached = Promise.withResolvers<void>()
    const { world, provider, test } = await bracketOf({
      hooks: {
        async 'cut db'() {
          reached.resolve()
          await new Promise(() => {})
        },
      },
    })
    await using _ = test
    const outcome = faultOf(backUpAll(test))
    await reached.promise
    await world.advance(5000)
    await world.advance(500)
    expect((await outcome)?.code).to.equal('freeze.expired')
    expect(provider.outside().frozen).to.deep.equal([])
  })

  it('begins no further freeze when it ends while freezing', async () => {
    const reached = Promise.withResolvers<void>()
    const { world, provider, test } = await bracketOf({
      hooks: {
        async 'freeze db'(ctx) {
          reached.resolve()
          await hang(ctx.signal)
        },
      },
    })
    await using _ = test
    const outcome = faultOf(backUpAll(test))
    await reached.promise
    await world.advance(5000)
    expect((await outcome)?.code).to.equal('freeze.expired')
    expect(provider.log).not.to.include('freeze vm')
    expect(provider.outside()).to.deep.equal({ frozen: [], armed: {}, snapshots: [] })
  })

  it('counts as ended when a deadman says, at disarming, that it fired before the last cut was done', async () => {
    const { provider, test } = await bracketOf({ fired: { db: 1 } })
    await using _ = test
    const problem = await faultOf(backUpAll(test))
    expect(problem?.code).to.equal('freeze.expired')
    expect(problem?.message).to.contain('db').and.not.to.contain('web')
    expect(provider.outside()).to.deep.equal({ frozen: [], armed: {}, snapshots: [] })
    const rows = await test.store.query.selectFrom('freezes').selectAll().where('expired', '=', 1).execute()
    expect(rows.map((row) => [row.instance_id, row.thawed_at])).to.deep.equal([['db', 1]])
  })

  it('does not count a deadman that fired after the last cut', async () => {
    const { test, world } = await bracketOf({ fired: { db: Date.UTC(2027, 0, 1) } })
    await using _ = test
    expect(world.clock.now()).to.be.below(Date.UTC(2027, 0, 1))
    expect(Object.keys((await backUpAll(test)).parts)).to.have.length(3)
  })

  it('leaves no timer behind when the bracket ends in time', async () => {
    const { test, world } = await bracketOf({})
    await using _ = test
    await backUpAll(test)
    expect(world.sleeping).to.equal(0)
  })
})

describe('a bracket at its edges', () => {
  it('calls prepare and finalize also where nothing is cut', async () => {
    const nodes: NodeSketch[] = [{ id: 'db', operations: { [fsPrepare]: 'freeze', [fsFinalize]: 'thaw' } }]
    const { provider, test } = await bracketOf({ nodes })
    await using _ = test
    expect((await backUpAll(test)).parts).to.deep.equal({})
    expect(provider.log).to.deep.equal(['arm db', 'freeze db', 'thaw db', 'disarm db'])
    expect(provider.outside().frozen).to.deep.equal([])
  })

  it('refuses, before anything is frozen, a cut that no plugin provides', async () => {
    const operations = { [fsPrepare]: 'freeze', [fsFinalize]: 'thaw', [snapshotCreate]: 'gone' }
    const { provider, test } = await bracketOf({ nodes: [{ id: 'db', operations }] })
    await using _ = test
    expect((await faultOf(backUpAll(test)))?.code).to.equal('plan.no_plugin')
    expect(provider.log).to.deep.equal([])
  })

  it('refuses, before anything is frozen, an operation of the wrong kind', async () => {
    const wrong = [
      { [fsPrepare]: 'cut', [fsFinalize]: 'thaw', [snapshotCreate]: 'cut' },
      { [fsPrepare]: 'freeze', [fsFinalize]: 'cut', [snapshotCreate]: 'cut' },
      { [fsPrepare]: 'freeze', [fsFinalize]: 'thaw', [snapshotCreate]: 'thaw' },
    ]
    for (const operations of wrong) {
      const { provider, test } = await bracketOf({ nodes: [{ id: 'db', operations }] })
      await using _ = test
      expect((await faultOf(backUpAll(test)))?.code, JSON.stringify(operations)).to.equal('plan.unsupported')
      expect(provider.log).to.deep.equal([])
    }
  })

  it('thaws again, before a new freeze, what an earlier run could not thaw', async () => {
    let isStuck = true
    const { provider, test } = await bracketOf({
      hooks: {
        'thaw db'() {
          if (isStuck) throw fault('operation.failed', { message: 'no answer', retry: 'never' })
        },
      },
    })
    await using _ = test
    expect((await faultOf(backUpAll(test)))?.message).to.contain('no answer')
    expect(provider.outside().frozen).to.deep.equal(['db'])
    isStuck = false
    const count = provider.log.length
    await backUpAll(await test.again())
    const again = provider.log.slice(count)
    expect(again.indexOf('thaw db')).to.be.below(again.indexOf('freeze db'))
    expect(
      await test.store.query.selectFrom('freezes').selectAll().where('thawed_at', 'is', null).execute(),
    ).to.deep.equal([])
    expect(provider.outside().armed).to.deep.equal({})
  })
})
