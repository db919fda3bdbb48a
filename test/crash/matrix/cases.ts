// The crash matrix: every workflow on every topology, killed at every place that an undisturbed run passes. Made from
// what the run itself tells that it passed, so that nobody has to keep a list of places.
import { simulate, type SimulationOptions, type SimulationResult } from '../../../src/engine/simulation/simulate.ts'
import type { SimulatedFault, StoreError } from '../../../src/engine/simulation/fault-plan.ts'
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
  readonly what: string
  readonly result: SimulationResult
  /** What is wrong with it, in words. */
  readonly wrong: readonly string[]
}

/** The same run, killed at these places: in its first life at the first, in its second at the second. */
export async function killedAt(base: Undisturbed, places: readonly Passage[]): Promise<Killed> {
  const crashes = places.map(({ life, index }): SimulatedFault => ({ kind: 'crash', at: { life, index } }))
  const killed = await disturbed(base, crashes, `killed ${places.map(whereOf).join(', then ')}`)
  const { lives } = killed.result
  return lives > places.length
    ? killed
    : { ...killed, wrong: [...killed.wrong, `${killed.what}: it lived ${lives} times`] }
}

/** The same run, with a commit that the store refuses. */
export function refusedAt(base: Undisturbed, { index, life }: Passage, error: StoreError): Promise<Killed> {
  return disturbed(base, [{ kind: 'store', at: { life, index }, error }], `store ${error} at ${index}`, true)
}

async function disturbed(
  { row, result: wanted }: Undisturbed,
  faults: readonly SimulatedFault[],
  how: string,
  mayFail = false,
): Promise<Killed> {
  const trouble: Pick<SimulationOptions, 'faults' | 'longestHold'> = troubles[row.trouble]
  const result = await simulate({
    seed,
    topology: builtInTopology(row.topology),
    workflow: row.workflow,
    ...trouble,
    faults: [...(trouble.faults ?? []), ...faults],
    undisturbed: wanted.end,
  })
  const what = `${nameOf(row)}, ${how}`
  const wrong = result.violations.map(({ promise, message }) => `${what}: ${promise}: ${message}`)
  // Refused, it may say so and fail; what was resumed afterwards is among the violations.
  if (!mayFail && wanted.status === 'terminated' && result.status !== 'terminated')
    wrong.push(`${what}: it ended ${result.status}: ${result.error}`)
  return { what, result, wrong }
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
