// The crash matrix: every workflow on every topology, killed at every place that an undisturbed run passes. Made from
// what the run itself tells that it passed, so that nobody has to keep a list of places.
import { simulate, type SimulationOptions, type SimulationResult } from '../../../src/engine/simulation/simulate.ts'
import type { SimulatedFault } from '../../../src/engine/simulation/fault-plan.ts'
import type { Passage } from '../../../src/engine/simulation/passage.ts'
import { simulatedWorkflows, type SimulatedWorkflow } from '../../../src/engine/simulation/scenario.ts'
import { builtInTopology } from '../../../src/engine/simulation/topology.ts'

/** What goes wrong beside the crash. */
const troubles = {
  none: {},
  /** Nobody can be frozen. */
  refused: { faults: [{ kind: 'refuse', at: { phase: 'freeze', step: 1 }, times: 50 }] },
  /** A cut hangs until the lease is over. */
  hung: { faults: [{ kind: 'hang', at: { phase: 'cut', step: 1 } }] },
  /** A cut takes longer than the lease, which is extended meanwhile. */
  extended: { longestHold: 60_000, faults: [{ kind: 'slow', at: { phase: 'cut', step: 1 }, factor: 40 }] },
} as const satisfies Readonly<Record<string, Pick<SimulationOptions, 'faults' | 'longestHold'>>>
export type Trouble = keyof typeof troubles

export interface Row {
  readonly topology: string
  readonly workflow: SimulatedWorkflow
  readonly trouble: Trouble
}

export const topologies = ['single', 'three-tier', 'two-hosts'] as const

/** With trouble only those that freeze. */
export const rows: readonly Row[] = topologies.flatMap((topology) => [
  ...simulatedWorkflows.map((workflow): Row => ({ topology, workflow, trouble: 'none' })),
  ...(['refused', 'hung', 'extended'] as const).flatMap((trouble) =>
    (['backup', 'restore'] as const).map((workflow): Row => ({ topology, workflow, trouble })),
  ),
])

/** A run without a crash, and what it passed. */
export interface Undisturbed {
  readonly row: Row
  readonly result: SimulationResult
  readonly passages: readonly Passage[]
}

const seed = 1

export async function undisturbed(row: Row): Promise<Undisturbed> {
  const { topology, workflow, trouble } = row
  const result = await simulate({ seed, topology: builtInTopology(topology), workflow, ...troubles[trouble] })
  return { row, result, passages: result.passages }
}

export const nameOf = ({ topology, workflow, trouble }: Row): string =>
  `${workflow} on ${topology}${trouble === 'none' ? '' : `, ${trouble}`}`

export interface Killed {
  readonly result: SimulationResult
  /** What is wrong with it, in words. */
  readonly wrong: readonly string[]
}

/** The same run, killed at these places: in its first life at the first, in its second at the second. */
export async function killedAt({ row, result: wanted }: Undisturbed, places: readonly Passage[]): Promise<Killed> {
  const trouble: Pick<SimulationOptions, 'faults' | 'longestHold'> = troubles[row.trouble]
  const crashes = places.map(({ life, index }): SimulatedFault => ({ kind: 'crash', at: { life, index } }))
  const result = await simulate({
    seed,
    topology: builtInTopology(row.topology),
    workflow: row.workflow,
    ...trouble,
    faults: [...(trouble.faults ?? []), ...crashes],
    undisturbed: wanted.end,
  })
  const wrong = result.violations.map(({ promise, message }) => `${promise}: ${message}`)
  if (wanted.status === 'terminated' && result.status !== 'terminated')
    wrong.push(`it ended ${result.status}: ${result.error}`)
  if (result.lives <= places.length) wrong.push(`it lived only ${result.lives} times`)
  const where = places.map(whereOf).join(', then ')
  return { result, wrong: wrong.map((one) => `${nameOf(row)}, killed ${where}: ${one}`) }
}

const whereOf = ({ life, index, kind, name, moment, node }: Passage): string =>
  `in life ${life} at ${index} (${kind === 'point' ? name : `${moment} ${name}`}${node === null ? '' : ` ${node}`})`

/** Places right after which the disk or the cloud is another than before: a crash anywhere else equals one at these. */
export function changing(passages: readonly Passage[]): readonly Passage[] {
  return passages.filter(
    ({ kind, moment }) => (kind === 'commit' && moment === 'after') || (kind === 'call' && moment === 'effect'),
  )
}

export const inLife = (life: number, passages: readonly Passage[]): readonly Passage[] =>
  passages.filter((passage) => passage.life === life)
