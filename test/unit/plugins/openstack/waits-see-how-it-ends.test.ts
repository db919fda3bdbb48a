// Waiting reads until it is as wanted, tells at once when it went wrong and why, and outlives a cloud that is away for a moment.
import { expect } from 'chai'
import { fault } from '../../../../src/kernel/fault.ts'
import type { StatusWait } from '../../../../src/plugins/http/status-wait.ts'
import { until } from '../../../../src/plugins/http/wait.ts'
import { untilGone, untilStatus } from '../../../../src/plugins/openstack/wait.ts'
import { simulatedWorld } from '../../../../src/world/simulated-world.ts'
import { faultOf } from './small-cloud.ts'

interface Thing {
  readonly status: string
  readonly task?: string | null
}

const signal = new AbortController().signal

/** What each read gives; the last one for ever. */
function reader(...given: readonly (Thing | Error | undefined)[]): { reads: number; read(): Promise<Thing> } {
  const state = {
    reads: 0,
    async read(): Promise<Thing> {
      const next = given[Math.min(state.reads++, given.length - 1)]
      if (next instanceof Error) throw next
      return next as Thing
    },
  }
  return state
}

const server: StatusWait<Thing> = {
  kind: 'server',
  id: 's1',
  wanted: ['ACTIVE'],
  status: ({ status }) => status,
  task: ({ task }) => task,
  reason: async () => 'No valid host was found.',
}

describe('OpenStack: a wait', () => {
  const site = () => {
    const world = simulatedWorld(1)
    return { world, signal }
  }
  const run = async <Value>(world: ReturnType<typeof simulatedWorld>, work: Promise<Value>): Promise<Value> => {
    let isOver = false
    const over = work.finally(() => (isOver = true))
    over.catch(() => {})
    while (!isOver) await world.advance(100)
    return over
  }

  it('is over when the status is as wanted and no task is under way', async () => {
    const { world } = site()
    const { read } = reader(
      { status: 'ACTIVE', task: 'image_snapshot_pending' },
      { status: 'ACTIVE', task: 'image_uploading' },
      { status: 'active', task: null },
    )
    expect(await run(world, untilStatus({ world, signal }, read, server))).to.deep.equal({
      status: 'active',
      task: null,
    })
  })

  it('ends at once with what the cloud says when it went wrong', async () => {
    const { world } = site()
    const things = reader({ status: 'BUILD' }, { status: 'ERROR', task: 'suspending' }, { status: 'ACTIVE' })
    const problem = await faultOf(
      run(
        world,
        untilStatus({ world, signal }, () => things.read(), server),
      ),
    )
    expect(problem).to.include({ code: 'openstack.error_state', effect: 'done', retry: 'never' })
    expect(problem.message).to.equal("server 's1' is in status ERROR (suspending): No valid host was found.")
    expect(things.reads).to.equal(2)
  })

  it('may be for the very status that else means failure', async () => {
    const { world } = site()
    const wait = { ...server, wanted: ['ERROR', 'ACTIVE'] }
    const { read } = reader({ status: 'ERROR', task: 'deleting' }, { status: 'ERROR' })
    expect(await run(world, untilStatus({ world, signal }, read, wait))).to.deep.equal({ status: 'ERROR' })
  })

  it('has an end, and says what it saw last', async () => {
    const { world } = site()
    const began = world.clock.now()
    const { read } = reader({ status: 'saving' })
    const wait = { ...server, kind: 'image', deadline: 60_000 }
    const problem = await faultOf(run(world, untilStatus({ world, signal }, read, wait)))
    expect(problem).to.include({ code: 'openstack.not_reached', effect: 'unknown', retry: 'later' })
    expect(problem.message).to.equal("image 's1' is saving and was not ACTIVE within 1 min 0 s")
    expect(world.clock.now() - began).to.be.within(60_000, 60_200)
  })

  it('reads quickly at first, and ever more seldom', async () => {
    const { world } = site()
    const things = reader({ status: 'creating' })
    const wait = { ...server, every: 100, deadline: 600_000 }
    await faultOf(
      run(
        world,
        untilStatus({ world, signal }, () => things.read(), wait),
      ),
    )
    expect(things.reads).to.be.within(600, 615)
  })

  it('goes on when the cloud is away for a moment, and comes back when it was asked to', async () => {
    const { world } = site()
    const began = world.clock.now()
    const things = reader(
      fault('openstack.failed', { details: { call: 'GET', message: 'down' }, effect: 'none' }),
      fault('openstack.throttled', { details: { call: 'GET', message: 'slow' }, after: 20_000 }),
      { status: 'ACTIVE' },
    )
    await run(
      world,
      untilStatus({ world, signal }, () => things.read(), server),
    )
    expect(world.clock.now() - began).to.be.within(20_500, 20_900)
  })

  it('does not go on with a fault that does not pass, nor for ever with one that might', async () => {
    const { world } = site()
    const denied = fault('openstack.denied', { details: { call: 'GET', message: 'no' } })
    expect(await faultOf(run(world, untilStatus({ world, signal }, reader(denied).read, server)))).to.equal(denied)
    const down = fault('openstack.unreachable', { details: { url: 'x', reason: 'no' } })
    const wait = { ...server, deadline: 5000 }
    expect(await faultOf(run(world, untilStatus({ world, signal }, reader(down).read, wait)))).to.equal(down)
  })

  it('for something to be gone takes no failure for an answer', async () => {
    const { world } = site()
    const { task: _task, wanted: _wanted, ...gone } = { ...server, kind: 'snapshot' }
    await run(world, untilGone({ world, signal }, reader({ status: 'deleting' }, undefined).read, gone))
    await run(world, untilGone({ world, signal }, reader({ status: 'DELETED' }).read, gone))
    const problem = await faultOf(
      run(world, untilGone({ world, signal }, reader({ status: 'error_deleting' }).read, gone)),
    )
    expect(problem.code).to.equal('openstack.error_state')
    const late = await faultOf(run(world, untilGone({ world, signal }, reader({ status: 'available' }).read, gone)))
    expect(late.message).to.equal("snapshot 's1' is available and was not deleted within 10 min 0 s")
  })

  it('ends with the signal', async () => {
    const { world } = site()
    const leaving = new AbortController()
    const work = until({ world, signal: leaving.signal }, async () => 1, {
      isDone: () => false,
      late: () => fault('engine.unexpected'),
    }).catch((thrown: unknown) => thrown)
    leaving.abort(new Error('cancelled'))
    expect(await work).to.have.property('message', 'cancelled')
  })
})
