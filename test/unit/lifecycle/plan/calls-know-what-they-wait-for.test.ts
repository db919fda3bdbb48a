import { expect } from 'chai'
import { planWalk } from '../../../../src/lifecycle/graph.ts'
import type { Order } from '../../../../src/plugins/contract/workflow.ts'
import { PlanRecorder } from '../../../../src/lifecycle/plan/recorder.ts'
import { timed } from '../../../../src/lifecycle/plan/timeline.ts'
import type { CallRole } from '../../../../src/lifecycle/plan/execution-plan.ts'

interface Sketch {
  readonly id: string
  readonly on?: readonly string[]
}

/** web and app on db, db on vm; alone on nothing. */
const all: readonly Sketch[] = [
  { id: 'vm' },
  { id: 'db', on: ['vm'] },
  { id: 'app', on: ['db'] },
  { id: 'web', on: ['db'] },
  { id: 'alone' },
]
const members = all.map(({ id, on = [] }) => ({ id, relationships: on.map((targetId) => ({ targetId })) }))
const walkOf = (order: Order, ...ids: string[]) =>
  planWalk(members, ids.length === 0 ? members : members.filter(({ id }) => ids.includes(id)), order)

const call = (recorder: PlanRecorder, id: string, predicted: number | null = 10, role: CallRole = 'call') =>
  recorder.call(id, {
    id,
    role,
    instance: id,
    node: id,
    operation: 'test.call',
    implementation: 'test.call',
    kind: 'run',
    inputs: {},
    unknownInputs: [],
    predicted,
  })

const shown = (recorder: PlanRecorder) =>
  recorder.phases.map(({ id, after, calls }) => [
    id,
    after,
    Object.fromEntries(calls.map((one) => [one.id, [one.group, ...one.after]])),
  ])

describe('planned calls', () => {
  it('of a walk wait for those of the visits before theirs', async () => {
    const recorder = new PlanRecorder(100_000)
    await recorder.visits('walk', walkOf('dependents-first'), (id) => call(recorder, id))
    expect(shown(recorder)).to.deep.equal([
      [1, [], { app: [1], web: [1], alone: [1], db: [2, 'app', 'web'], vm: [3, 'db'] }],
    ])
  })

  it('wait across visits that call nothing, and across instances that are left out', async () => {
    const recorder = new PlanRecorder(100_000)
    await recorder.visits('walk', walkOf('dependencies-first'), async (id) => {
      if (id !== 'db') await call(recorder, id)
    })
    await recorder.visits('chosen', walkOf('dependencies-first', 'vm', 'web'), (id) => call(recorder, `${id} again`))
    expect(shown(recorder)).to.deep.equal([
      [1, [], { vm: [1], alone: [1], app: [2, 'vm'], web: [2, 'vm'] }],
      [2, [1], { 'vm again': [3], 'web again': [4, 'vm again'] }],
    ])
  })

  it('of one visit come one after the other, unless they are made at the same time', async () => {
    const recorder = new PlanRecorder(100_000)
    await recorder.visits('walk', walkOf('none', 'db', 'web'), async (id) => {
      await call(recorder, `${id} 1`)
      if (id === 'db') await Promise.all([call(recorder, 'db 2'), call(recorder, 'db 3')])
      await call(recorder, `${id} 4`)
    })
    expect(shown(recorder)).to.deep.equal([
      [
        1,
        [],
        {
          'db 1': [1],
          'db 2': [2, 'db 1'],
          'db 3': [2, 'db 1'],
          'db 4': [3, 'db 2', 'db 3'],
          'web 1': [1],
          'web 4': [2, 'web 1'],
        },
      ],
    ])
  })

  it('of walks that are made at the same time do not wait for each other', async () => {
    const recorder = new PlanRecorder(100_000)
    const walk = (name: string, ...ids: string[]) =>
      recorder.visits(name, walkOf('dependencies-first', ...ids), (id) => call(recorder, id))
    await Promise.all([walk('left', 'vm', 'db'), walk('right', 'alone')])
    await call(recorder, 'last')
    expect(shown(recorder)).to.deep.equal([
      [1, [], { vm: [1], db: [2, 'vm'] }],
      [2, [], { alone: [1] }],
      [3, [1, 2], { last: [3] }],
    ])
  })

  it('of a walk inside of a visit belong to that visit', async () => {
    const recorder = new PlanRecorder(100_000)
    await recorder.visits('outer', walkOf('none', 'vm'), async (id) => {
      await call(recorder, `before ${id}`)
      await recorder.visits('inner', walkOf('dependencies-first', 'db', 'web'), (inner) => call(recorder, inner))
      await call(recorder, `after ${id}`)
    })
    expect(shown(recorder)).to.deep.equal([
      [1, [], { 'before vm': [1], db: [2, 'before vm'], web: [3, 'db'], 'after vm': [4, 'web'] }],
    ])
  })

  it('end somewhere, also when the workflow would not', async () => {
    const recorder = new PlanRecorder(50)
    const planFor = async (): Promise<void> => {
      for (let count = 0; ; count++) await call(recorder, `call ${count}`)
    }
    const thrown = await planFor().catch((problem: unknown) => problem)
    expect(String(thrown)).to.match(/more than 50 calls/)
  })
})

describe('the timeline of a plan', () => {
  const times = async (free: number, work: (recorder: PlanRecorder) => Promise<void>) => {
    const recorder = new PlanRecorder(100_000)
    await work(recorder)
    const places = { free }
    const { phases, timeline } = timed(recorder.phases, () => places)
    const calls = phases.flatMap((phase) => phase.calls.map(({ id, from, to }) => [id, [from, to]]))
    return { timeline, phases: phases.map(({ id, after }) => [id, after]), calls: Object.fromEntries(calls) as object }
  }

  it('begins a call when all that it waits for has ended', async () => {
    const { calls, timeline } = await times(8, (recorder) =>
      recorder.visits('walk', walkOf('dependencies-first'), (id) => call(recorder, id, id === 'web' ? 50 : 10)),
    )
    expect(calls).to.deep.equal({ vm: [0, 10], alone: [0, 10], db: [10, 20], app: [20, 30], web: [20, 70] })
    expect(timeline).to.deep.equal({ length: 70, assumed: 10, guessed: 0 })
  })

  it('lets calls wait for a place', async () => {
    const { calls } = await times(2, (recorder) =>
      recorder.visits('walk', walkOf('none', 'vm', 'db', 'web'), (id) => call(recorder, id, id === 'vm' ? 30 : 10)),
    )
    expect(calls).to.deep.equal({ vm: [0, 30], db: [0, 10], web: [10, 20] })
  })

  it('takes the median of what is known for what is not', async () => {
    const { timeline } = await times(8, async (recorder) => {
      for (const [id, length] of Object.entries({ a: 5, b: 9, c: 100, d: null })) await call(recorder, id, length)
    })
    expect(timeline).to.deep.equal({ length: 5 + 9 + 100 + 9, assumed: 9, guessed: 1 })
  })

  it('leaves out phases in which nothing is called, not the order around them', async () => {
    const { phases, calls } = await times(8, async (recorder) => {
      await call(recorder, 'first')
      await recorder.visits('empty', walkOf('none'), async () => {})
      await call(recorder, 'last')
    })
    expect(phases).to.deep.equal([
      [1, []],
      [3, [1]],
    ])
    expect(calls).to.deep.equal({ first: [0, 10], last: [10, 20] })
  })

  it('joins phases, not each of their calls with each', async () => {
    // Joined with each other they would be 900 million pairs, more than fit into memory.
    const many = Array.from({ length: 30_000 }, (_, index) => ({ id: `n${index}`, relationships: [] }))
    const { timeline } = await times(8, async (recorder) => {
      for (const name of ['first', 'second'])
        await recorder.visits(name, planWalk(many, many, 'none'), (id) => call(recorder, `${name} ${id}`))
    })
    expect(timeline.length).to.equal(2 * Math.ceil(many.length / 8) * 10)
  })
})
