// The matrix in pieces of work that can be done side by side.
import { seededRandom } from '../../../src/world/simulation/random.ts'
import { storeErrors } from '../../../src/engine/simulation/fault-plan.ts'
import type { Passage } from '../../../src/engine/simulation/passage.ts'
import { changing, inLife, killedAt, nameOf, refusedAt, rows, undisturbed, type Row } from './cases.ts'

export type Job =
  /** A crash at every place, or at each so many-th. */
  | { readonly kind: 'once'; readonly row: Row; readonly each?: number }
  /** A second crash during the recovery from the first; with `sample` only so many of those pairs. */
  | {
      readonly kind: 'twice'
      readonly row: Row
      /** Which part of the first crashes is done: those whose number leaves this remainder. */
      readonly share: { readonly of: number; readonly part: number }
      readonly sample?: number
    }
  /** The store refuses each commit in turn: for want of room, busy, or for itself. */
  | { readonly kind: 'store'; readonly row: Row; readonly each?: number }

export interface JobResult {
  readonly name: string
  readonly kind: Job['kind']
  readonly runs: number
  readonly wrong: readonly string[]
  /** Fault points that were passed, in any run. */
  readonly points: readonly string[]
}

/** How many pieces the pairs of one topology are cut into. */
const shares = 12
/** Pairs of the biggest topology that are run. */
export const sampledPairs = 2400

export function allJobs(): readonly Job[] {
  const parts = Array.from({ length: shares }, (_none, part) => ({ of: shares, part }))
  const backup = (topology: string): Row => ({ topology, workflow: 'backup', trouble: 'none' })
  return [
    ...rows.map((row): Job => ({ kind: 'once', row })),
    ...rows.filter(({ trouble }) => trouble === 'none').map((row): Job => ({ kind: 'store', row })),
    ...parts.flatMap((share): Job[] => [
      { kind: 'twice', row: backup('single'), share },
      { kind: 'twice', row: { ...backup('single'), trouble: 'hung' }, share },
      { kind: 'twice', row: { ...backup('single'), workflow: 'restore' }, share },
      { kind: 'twice', row: backup('three-tier'), share },
      { kind: 'twice', row: backup('two-hosts'), share, sample: sampledPairs / shares },
    ]),
  ]
}

export function doJob(job: Job): Promise<JobResult> {
  if (job.kind === 'once') return once(job.row, job.each)
  return job.kind === 'store' ? refused(job.row, job.each) : twice(job)
}

const everyNth = <Item>(items: readonly Item[], nth = 1): readonly Item[] =>
  items.filter((_item, index) => index % nth === 0)

async function once(row: Row, each?: number): Promise<JobResult> {
  const base = await undisturbed(row)
  const points = new Set(pointsIn(base.passages))
  const wrong = base.result.violations.map(({ promise, message }) => `${nameOf(row)}: ${promise}: ${message}`)
  const places = everyNth(inLife(1, base.passages), each)
  for (const place of places) {
    const killed = await killedAt(base, [place])
    wrong.push(...killed.wrong)
    for (const name of pointsIn(killed.result.passages)) points.add(name)
  }
  return { name: `once, ${nameOf(row)}`, kind: 'once', runs: places.length, wrong, points: [...points] }
}

async function refused(row: Row, each?: number): Promise<JobResult> {
  const base = await undisturbed(row)
  const commits = base.passages.filter(({ kind, moment }) => kind === 'commit' && moment === 'before')
  const wrong: string[] = []
  const places = everyNth(commits, each)
  for (const place of places)
    for (const error of storeErrors) wrong.push(...(await refusedAt(base, place, error)).wrong)
  const runs = places.length * storeErrors.length
  return { name: `store, ${nameOf(row)}`, kind: 'store', runs, wrong, points: [] }
}

async function twice({ row, share, sample }: Extract<Job, { kind: 'twice' }>): Promise<JobResult> {
  const base = await undisturbed(row)
  const firsts = changing(inLife(1, base.passages)).filter((_place, index) => index % share.of === share.part)
  const wrong: string[] = []
  const random = seededRandom(1 + share.part)
  let runs = 0
  for (const first of firsts) {
    const { result } = await killedAt(base, [first])
    const seconds = changing(inLife(2, result.passages))
    const chosen =
      sample === undefined
        ? seconds
        : drawn(seconds, Math.ceil(sample / firsts.length), (count) => random.whole(0, count - 1))
    for (const second of chosen) {
      wrong.push(...(await killedAt(base, [first, second])).wrong)
      runs++
    }
  }
  return { name: `twice, ${nameOf(row)}`, kind: 'twice', runs, wrong, points: [] }
}

function drawn<Item>(items: readonly Item[], count: number, draw: (count: number) => number): readonly Item[] {
  const left = [...items]
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(draw(left.length), 1)).flat()
}

function pointsIn(passages: readonly Passage[]): readonly string[] {
  return passages.filter(({ kind }) => kind === 'point').map(({ name }) => name)
}
