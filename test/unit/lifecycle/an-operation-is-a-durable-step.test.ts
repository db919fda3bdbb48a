import { expect } from 'chai'
import { getEventListeners } from 'node:events'
import { fault } from '../../../src/kernel/fault.ts'
import type { OperationContext } from '../../../src/plugins/contract/context.ts'
import { operation } from '../../../src/plugins/contract/operation.ts'
import { simulatedWorld } from '../../../src/world/simulated-world.ts'
import { faultOf } from '../../support/freezing-provider.ts'
import { testSite, type NodeSketch, type SiteOptions, type TestSite } from '../../support/site.ts'

const work = 'test.work'
const nodes = (...ids: readonly string[]): NodeSketch[] => ids.map((id) => ({ id, operations: { [work]: 'work' } }))

type Body = (ctx: OperationContext) => unknown

function siteWith(body: Body, options: Partial<SiteOptions> = {}): Promise<TestSite> {
  return testSite({
    nodes: nodes('a'),
    operations: { work: operation({ run: async (ctx) => (await body(ctx)) as never }) },
    ...options,
  })
}

const runOn = (test: TestSite, id = 'a'): Promise<unknown> => test.run.execute(test.site.topology.get(id), work)
const stepOf = (test: TestSite, id = 'a') =>
  test.store.query.selectFrom('steps').selectAll().where('key', '=', `${work}/${id}`).executeTakeFirst()

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('an operation', () => {
  it('begins only when its intent is on disk, and has its outcome there before it is told', async () => {
    const seen: unknown[] = []
    await using test = await siteWith(async () => {
      seen.push((await stepOf(test))?.state)
      return 'made'
    })
    expect(await runOn(test)).to.equal('made')
    const step = await stepOf(test)
    expect(seen).to.deep.equal(['intent'])
    expect([step?.state, step?.result, step?.attempt]).to.deep.equal(['done', '"made"', 1])
  })

  it('is not called again once it is done, and gives what it gave', async () => {
    let count = 0
    await using test = await siteWith(() => ({ count: ++count }))
    expect(await runOn(test)).to.deep.equal({ count: 1 })
    expect(await runOn(await test.again())).to.deep.equal({ count: 1 })
    expect(count).to.equal(1)
  })

  it('is in doubt after a process that died in it, with one key over all attempts', async () => {
    const seen: object[] = []
    await using test = await siteWith(({ operation: { attempt, inDoubt, key } }) => {
      seen.push({ attempt, inDoubt, key })
      if (seen.length === 1) return new Promise(() => {})
      return null
    })
    void runOn(test)
    while (seen.length === 0) await turn()
    await test.site.journal.flush()
    await runOn(await test.again())
    const key = `execution-1/${work}/a`
    expect(seen).to.deep.equal([
      { attempt: 1, inDoubt: false, key },
      { attempt: 2, inDoubt: true, key },
    ])
  })

  it('is in doubt from a lost outcome on, and not after a failure without effect', async () => {
    for (const effect of ['none', 'unknown'] as const) {
      const seen: boolean[] = []
      await using test = await siteWith(
        ({ operation: { inDoubt } }) => {
          seen.push(inDoubt)
          if (seen.length < 3)
            throw fault('operation.failed', { effect: seen.length === 1 ? effect : 'none', retry: 'now' })
        },
        { retries: { retries: 5, interval: 0 } },
      )
      await runOn(test)
      expect(seen, effect).to.deep.equal([false, effect === 'unknown', effect === 'unknown'])
    }
  })

  it('has all its retries again in a new process', async () => {
    const seen: number[] = []
    const body: Body = ({ operation: { attempt } }) => {
      seen.push(attempt)
      throw fault('operation.failed', { details: { message: 'no' }, retry: 'now' })
    }
    await using test = await siteWith(body, { retries: { retries: 2, interval: 0 } })
    expect((await faultOf(runOn(test)))?.message).to.equal('no')
    await faultOf(runOn(await test.again()))
    expect(seen).to.deep.equal([1, 2, 3, 4, 5, 6])
  })

  it('holds no slot while it waits for its next attempt', async () => {
    const world = simulatedWorld(1)
    const log: string[] = []
    let left = 1
    await using test = await siteWith(
      (ctx) => {
        log.push(ctx.instance.id)
        if (ctx.instance.id === 'a' && left-- > 0) ctx.retry('not yet', 60_000)
      },
      { nodes: nodes('a', 'b'), pool: 1, world, retries: { retries: 1, interval: 1 } },
    )
    const first = runOn(test, 'a')
    while (world.sleeping === 0) await turn()
    await runOn(test, 'b')
    expect(log).to.deep.equal(['a', 'b'])
    await world.advance(60_000)
    await first
    expect(log).to.deep.equal(['a', 'b', 'a'])
  })

  it('ends at its timeout, for good or with a retry, as its blueprint says', async () => {
    for (const timeoutRecoverable of [false, true]) {
      const world = simulatedWorld(1)
      let count = 0
      await using test = await siteWith(
        ({ signal }) => {
          if (++count > 1) return 'second'
          return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
        },
        { world, planned: { timeout: 5, timeoutRecoverable }, retries: { retries: 1, interval: 0 } },
      )
      const outcome = runOn(test).catch((thrown: { code: string }) => thrown.code)
      while (world.sleeping === 0) await turn()
      await world.advance(5000)
      let isOver = false
      void outcome.then(() => (isOver = true))
      // The retry after no wait at all is a sleep, too.
      while (!isOver) await world.advance(0)
      expect(await outcome).to.equal(timeoutRecoverable ? 'second' : 'engine.timeout')
      expect(world.sleeping).to.equal(0)
    }
  })

  it('is left behind when it heeds neither cancel nor timeout', async () => {
    const world = simulatedWorld(1)
    const abort = new AbortController()
    let isBegun = false
    await using test = await siteWith(
      () => {
        isBegun = true
        return new Promise(() => {})
      },
      { world, signal: abort.signal },
    )
    const outcome = faultOf(runOn(test))
    while (!isBegun) await turn()
    abort.abort()
    await world.advance(500)
    expect((await outcome)?.code).to.equal('engine.cancelled')
    expect((await stepOf(test))?.fault).to.contain('"effect":"unknown"')
  })

  it('keeps what it made when it ends well in spite of a cancel', async () => {
    const abort = new AbortController()
    await using test = await siteWith(
      () => {
        abort.abort()
        return 'made'
      },
      { signal: abort.signal },
    )
    expect(await runOn(test)).to.equal('made')
    expect((await faultOf(runOn(await test.again({ nodes: nodes('a', 'b') }), 'b')))?.code).to.equal('engine.cancelled')
  })

  it('is not begun at all after a cancel, nor waited for', async () => {
    const abort = new AbortController()
    const world = simulatedWorld(1)
    let count = 0
    await using test = await siteWith(
      (ctx) => {
        count++
        ctx.retry('later', 60_000)
      },
      { signal: abort.signal, world, retries: { retries: -1, interval: 1 } },
    )
    const outcome = faultOf(runOn(test))
    while (world.sleeping === 0) await turn()
    abort.abort()
    expect((await outcome)?.code).to.equal('engine.cancelled')
    expect([count, world.sleeping]).to.deep.equal([1, 0])
  })

  it('shares one listener on the signal with thousands of others', async () => {
    const abort = new AbortController()
    const ids = Array.from({ length: 1000 }, (_none, index) => `n${index}`)
    let most = 0
    await using test = await siteWith(
      async () => {
        most = Math.max(most, getEventListeners(abort.signal, 'abort').length)
        await turn()
      },
      { nodes: nodes(...ids), pool: 100, signal: abort.signal },
    )
    await test.run.walk(work, { instances: test.run.members, order: 'none' })
    expect(most).to.be.at.most(2)
  })

  it('may return whatever JSON can say, and says so of anything else', async () => {
    const at = new Date(0)
    const good: readonly (readonly [unknown, unknown])[] = [
      [undefined, null],
      [null, null],
      [0, 0],
      ['', ''],
      [at, '1970-01-01T00:00:00.000Z'],
      [{ at, gone: undefined }, { at: '1970-01-01T00:00:00.000Z' }],
      [[undefined], [null]],
      [Number.NaN, null],
    ]
    for (const [returned, expected] of good) {
      await using test = await siteWith(() => returned)
      expect(await runOn(test)).to.deep.equal(expected)
      expect(await runOn(await test.again())).to.deep.equal(expected)
    }
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    for (const returned of [7n, { deep: 7n }, circle, () => {}, Symbol('s')]) {
      await using test = await siteWith(() => returned)
      const problem = await faultOf(runOn(test))
      expect(problem?.code).to.equal('operation.failed')
      expect(problem?.message).to.contain('JSON')
      const step = await stepOf(test)
      expect([step?.state, step?.fault?.includes('"effect":"done"')]).to.deep.equal(['failed', true])
    }
  })

  it('fails, and is recorded, when its runtime properties cannot be kept', async () => {
    await using test = await siteWith((ctx) => void (ctx.instance.runtimeProperties['size'] = 7n as never))
    const problem = await faultOf(runOn(test))
    expect(problem?.message).to.contain('runtime properties')
    expect((await stepOf(test))?.state).to.equal('failed')
  })

  it('may log whatever it likes', async () => {
    await using test = await siteWith((ctx) => {
      for (const odd of [undefined, null, 42, 7n, { a: 1 }, Object.create(null), Symbol('s')])
        ctx.log.info(odd as string)
      ctx.event(undefined as unknown as string)
    })
    await runOn(test)
    expect(test.events.filter(({ level }) => level === 'INFO')).to.have.length(7)
    expect(test.events.map(({ sequence }) => sequence)).to.deep.equal(test.events.map((_event, index) => index + 1))
  })

  it('keeps runtime properties also when it fails', async () => {
    await using test = await siteWith((ctx) => {
      ctx.instance.runtimeProperties['made'] = 'half'
      throw fault('operation.failed', { retry: 'never' })
    })
    const writes: unknown[] = []
    const commit = test.store.commit.bind(test.store)
    test.store.commit = (all) => {
      writes.push(...all.filter(({ sql }) => sql.startsWith('update node_instances')).map(({ rows }) => rows[0]?.[1]))
      return commit(all)
    }
    await faultOf(runOn(test))
    expect(writes).to.deep.equal(['{"made":"half"}'])
  })

  it('says its story in the words of Cloudify, with the number of the retry', async () => {
    let count = 0
    await using test = await siteWith((ctx) => (++count < 2 ? ctx.retry('not yet') : 'ok'), {
      retries: { retries: 3, interval: 0 },
    })
    await runOn(test)
    expect(test.events.map(({ kind, message }) => `${kind}: ${message}`)).to.deep.equal([
      "sending_task: Sending task 'work'",
      "task_started: Task started 'work'",
      "task_rescheduled: Task rescheduled 'work' -> not yet",
      "sending_task: Sending task 'work' [retry 1/3]",
      "task_started: Task started 'work' [retry 1/3]",
      "task_succeeded: Task succeeded 'work' - ok [retry 1/3]",
    ])
  })
})

describe('what an operation is given', () => {
  it('creates once: looks first only when an earlier attempt may have created', async () => {
    const log: string[] = []
    let count = 0
    const body: Body = async (ctx) => {
      count++
      return ctx.once({
        async lookUp(key) {
          log.push(`look ${key}`)
          return count > 1 ? 'found' : undefined
        },
        async create() {
          log.push('create')
          if (count === 1) throw fault('operation.failed', { effect: 'none', retry: 'now' })
          return 'created'
        },
      })
    }
    await using test = await siteWith(body, { retries: { retries: 1, interval: 0 } })
    expect(await runOn(test)).to.equal('found')
    expect(log).to.deep.equal(['create', `look execution-1/${work}/a`])
  })

  it('reads back at once what a lost answer may have made', async () => {
    const answers = [undefined, 'there']
    for (const answer of answers) {
      await using test = await siteWith((ctx) =>
        ctx.once({
          lookUp: async () => answer,
          create: () => Promise.reject(new Error('connection reset')),
        }),
      )
      const outcome = await runOn(test).catch((thrown: Error) => thrown.message)
      expect(outcome).to.equal(answer ?? 'unexpected: connection reset')
    }
  })

  it('waits until something is so, and stops when told', async () => {
    const world = simulatedWorld(1)
    let reads = 0
    await using test = await siteWith(
      (ctx) =>
        ctx.until(
          async () => ++reads,
          (value) => value === 3,
          10,
        ),
      { world },
    )
    const outcome = runOn(test)
    while (world.sleeping === 0) await turn()
    await world.advance(20)
    expect(await outcome).to.equal(3)
    const abort = new AbortController()
    await using stopped = await siteWith(
      (ctx) =>
        ctx.until(
          async () => 0,
          () => false,
          10,
        ),
      { world, signal: abort.signal },
    )
    const ended = faultOf(runOn(stopped))
    while (world.sleeping === 0) await turn()
    abort.abort()
    expect((await ended)?.code).to.equal('engine.cancelled')
  })
})

describe('a step of a workflow', () => {
  it('runs once, and tells a later run what came of it', async () => {
    await using test = await siteWith(() => null)
    let count = 0
    const once = (of: TestSite): Promise<number> => of.run.step('count', async () => ++count)
    expect([await once(test), await once(await test.again()), await once(await test.again())]).to.deep.equal([1, 1, 1])
    expect(count).to.equal(1)
  })

  it('runs again after a failure, with the number of its attempt', async () => {
    await using test = await siteWith(() => null)
    const attempt = (of: TestSite, doesFail: boolean) =>
      of.run.step('try', async (step) => {
        if (doesFail) throw fault('operation.failed', { details: { message: 'no' } })
        return [step.attempt, step.inDoubt]
      })
    expect((await faultOf(attempt(test, true)))?.message).to.equal('no')
    expect(await attempt(await test.again(), false)).to.deep.equal([2, false])
  })

  it('fails, and is recorded as failed, when its result cannot be kept', async () => {
    await using test = await siteWith(() => null)
    const problem = await faultOf(test.run.step('big', async () => 7n as never))
    expect(problem).to.be.instanceOf(Error)
    const row = await test.store.query.selectFrom('steps').selectAll().where('key', '=', 'step/big').executeTakeFirst()
    expect(row?.state).to.equal('failed')
  })
})
