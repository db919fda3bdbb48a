// Many seeds, one after the other, and what came of them: violations, corners visited, how long nodes stood still.
import type { Duration } from '../../kernel/duration.ts'
import type { Violation } from './checks.ts'
import { cellName } from './coverage.ts'
import { runPlan, runSeed, type SeedOptions, type SeedPlan } from './seeds.ts'
import { shrink } from './shrink.ts'

/** A seed that broke a promise, and the least that is needed for it. */
export interface FailedSeed {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly smallest: Pick<SeedPlan, 'workflow' | 'lease' | 'longestHold' | 'parameters' | 'faults'> & {
    readonly nodes: readonly string[]
  }
}

export interface SeedsResult {
  readonly seeds: number
  readonly failed: readonly FailedSeed[]
  /** How the executions ended: status -> seeds. */
  readonly ends: Readonly<Record<string, number>>
  /** Kind of fault -> how often it happened. */
  readonly faults: Readonly<Record<string, number>>
  /** Corner -> how often it was visited. */
  readonly cells: Readonly<Record<string, number>>
  /** Fault point -> how often it was passed. */
  readonly points: Readonly<Record<string, number>>
  /** Engines that were killed. */
  readonly crashes: number
  readonly longestFreeze: Duration
  /** How often a seed was run twice and both logs were the same. */
  readonly repeated: number
}

type Area = 'ends' | 'faults' | 'cells' | 'points'

export interface SeedsOptions extends SeedOptions {
  readonly from: number
  readonly count: number
  /** Every so many seeds one is run twice: its log must be the same to the byte. Default 100. */
  readonly repeatEvery?: number
  /** Makes what fails smaller; takes a while. Default true. */
  readonly shrinks?: boolean
  readonly onSeed?: (seed: number) => void
}

export async function runSeeds(options: SeedsOptions): Promise<SeedsResult> {
  const { from, count, repeatEvery = 100, shrinks = true } = options
  const failed: FailedSeed[] = []
  const tally: Record<Area, Record<string, number>> = { ends: {}, faults: {}, cells: {}, points: {} }
  let [crashes, longestFreeze, repeated] = [0, 0, 0]
  for (let seed = from; seed < from + count; seed++) {
    const { plan, ...result } = await runSeed(seed, options)
    const violations = [...result.violations]
    if (seed % repeatEvery === 0) {
      repeated++
      if ((await runPlan(plan)).log !== result.log)
        violations.push({ promise: 'same', message: 'a second run of the seed has another event log' })
    }
    add(tally.ends, result.status)
    for (const { fault, passage } of result.strikes) {
      add(tally.faults, fault.kind)
      add(tally.cells, cellName({ workflow: plan.workflow, kind: fault.kind, phase: passage.phase }))
    }
    for (const { kind, name } of result.passages) if (kind === 'point') add(tally.points, name)
    crashes += result.lives - 1
    longestFreeze = Math.max(longestFreeze, result.longestFreeze)
    if (violations.length > 0) failed.push(await failure(plan, violations, shrinks))
    options.onSeed?.(seed)
  }
  return { seeds: count, failed, ...tally, crashes, longestFreeze, repeated }
}

/** What several of them came to, together. */
export function joinResults(results: readonly SeedsResult[]): SeedsResult {
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
  const joined = (area: Area): Record<string, number> => {
    const total: Record<string, number> = {}
    for (const result of results) for (const [name, count] of Object.entries(result[area])) add(total, name, count)
    return total
  }
  return {
    seeds: sum(results.map((result) => result.seeds)),
    failed: results.flatMap((result) => result.failed).toSorted((one, other) => one.seed - other.seed),
    ends: joined('ends'),
    faults: joined('faults'),
    cells: joined('cells'),
    points: joined('points'),
    crashes: sum(results.map((result) => result.crashes)),
    longestFreeze: Math.max(0, ...results.map((result) => result.longestFreeze)),
    repeated: sum(results.map((result) => result.repeated)),
  }
}

async function failure(plan: SeedPlan, violations: readonly Violation[], shrinks: boolean): Promise<FailedSeed> {
  const { workflow, lease, longestHold, parameters, faults, topology } = shrinks ? await shrink(plan) : plan
  const nodes = topology.prepared.nodes.map((node) => node.id)
  return { seed: plan.seed, violations, smallest: { workflow, lease, longestHold, parameters, faults, nodes } }
}

function add(counts: Record<string, number>, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by
}
