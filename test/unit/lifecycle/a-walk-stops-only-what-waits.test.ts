import { expect } from 'chai'
import { fault } from '../../../src/kernel/fault.ts'
import { failureOf } from '../../../src/lifecycle/failure.ts'
import { planWalk, type GraphMember } from '../../../src/lifecycle/graph.ts'
import { walk } from '../../../src/lifecycle/walk.ts'

const member = (id: string, ...targets: string[]): GraphMember => ({
  id,
  relationships: targets.map((targetId) => ({ targetId })),
})
const many = (count: number): GraphMember[] => Array.from({ length: count }, (_none, index) => member(`n${index}`))
/** web and api need db; other needs nobody. */
const shop = [member('web', 'api'), member('api', 'db'), member('db'), member('other')]
const bottomUp = () => planWalk(shop, shop, 'dependencies-first')

describe('a walk', () => {
  it('visits everybody once, a dependent only when what it needs is done', async () => {
    const begun: string[] = []
    const ended: string[] = []
    const outcome = await walk(
      bottomUp(),
      async (id) => {
        begun.push(id)
        if (id === 'api') expect(ended).to.include('db')
        if (id === 'web') expect(ended).to.include('api')
        await new Promise((resolve) => setImmediate(resolve))
        ended.push(id)
      },
      { window: 10 },
    )
    expect(begun.toSorted()).to.deep.equal(['api', 'db', 'other', 'web'])
    expect([...outcome.failures, ...outcome.skipped]).to.deep.equal([])
  })

  it('has never more under way than its window, and uses all of it', async () => {
    let running = 0
    let most = 0
    const all = many(300)
    await walk(
      planWalk(all, all, 'none'),
      async () => {
        most = Math.max(most, ++running)
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
        running--
      },
      { window: 40 },
    )
    expect(most).to.equal(40)
  })

  it('stops behind a failure only what waits for it, and names what it waited for', async () => {
    const seen: string[] = []
    const outcome = await walk(
      bottomUp(),
      async (id) => {
        seen.push(id)
        if (id === 'db') throw fault('operation.failed', { details: { message: 'down' } })
      },
      { window: 10 },
    )
    expect(seen.toSorted()).to.deep.equal(['db', 'other'])
    expect([...outcome.failures.keys()]).to.deep.equal(['db'])
    expect(
      [...outcome.skipped].map(([id, problem]) => [id, problem.code, problem.details['dependency']]),
    ).to.deep.equal([
      ['api', 'engine.stopped_behind', 'db'],
      ['web', 'engine.stopped_behind', 'api'],
    ])
    expect(failureOf(outcome)?.message).to.equal('down')
  })

  it('visits everybody despite failures when told to', async () => {
    const seen: string[] = []
    const outcome = await walk(
      bottomUp(),
      async (id) => {
        seen.push(id)
        throw fault('operation.failed', { details: { message: id } })
      },
      { window: 1, despiteFailures: true },
    )
    expect(seen).to.have.length(4)
    expect(outcome.failures.size).to.equal(4)
    const summary = failureOf(outcome)
    expect(summary?.code).to.equal('engine.workflow_failed')
    for (const { id } of shop) expect(summary?.message).to.contain(`${id}: ${id}`)
  })

  it('begins nothing once its signal aborts, and lets end what runs', async () => {
    const abort = new AbortController()
    const seen: string[] = []
    const all = many(200)
    const outcome = await walk(
      planWalk(all, all, 'none'),
      async (id) => {
        seen.push(id)
        if (id === 'n0') abort.abort()
      },
      { window: 4, signal: abort.signal },
    )
    expect(seen.length).to.be.below(10)
    expect(outcome.skipped.size).to.equal(200 - seen.length)
    expect(new Set([...outcome.skipped.values()].map(({ code }) => code))).to.deep.equal(new Set(['engine.cancelled']))
  })

  it('ends at once over nobody', async () => {
    const outcome = await walk(planWalk([], [], 'none'), () => Promise.reject(new Error('never called')), { window: 1 })
    expect(outcome.failures.size).to.equal(0)
  })

  it('goes through a chain of 10,000 and, where its head fails, skips the rest of it', async () => {
    const long = Array.from({ length: 10_000 }, (_none, index) =>
      member(`n${index}`, ...(index > 0 ? [`n${index - 1}`] : [])),
    )
    let count = 0
    await walk(planWalk(long, long, 'dependencies-first'), async () => void count++, { window: 8 })
    expect(count).to.equal(10_000)
    const outcome = await walk(planWalk(long, long, 'dependencies-first'), () => Promise.reject(new Error('no')), {
      window: 8,
    })
    expect([outcome.failures.size, outcome.skipped.size]).to.deep.equal([1, 9999])
  })

  it('is not the failure of a cancel when something failed by itself', () => {
    const failures = new Map([
      ['a', fault('engine.cancelled')],
      ['b', fault('operation.failed', { details: { message: 'no space' } })],
    ])
    expect(failureOf({ failures, skipped: new Map() })?.message).to.equal('no space')
  })

  it('begins nothing once it is stopped, and says why it was', async () => {
    const lease = fault('freeze.expired', { details: { nodes: 'db' } })
    for (const [reason, code] of [
      [lease, 'freeze.expired'],
      [undefined, 'engine.cancelled'],
    ] as const) {
      const outcome = await walk(bottomUp(), () => expect.fail('nothing may begin'), {
        window: 10,
        signal: AbortSignal.abort(reason),
      })
      expect(failureOf(outcome)?.code).to.equal(code)
    }
  })
})
