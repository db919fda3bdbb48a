// What a seed stands for: a workflow, a topology, a lease, and what goes wrong. Seeds take turns with the corners of the
// coverage, so that a few thousand of them visit all.
import type { Duration } from '../../kernel/duration.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { seededRandom, type Random } from '../../world/simulation/random.ts'
import { cellsOf, type Cell } from './coverage.ts'
import type { EndState } from './end-state.ts'
import { faultKinds, storeErrors, type FaultKind, type SimulatedFault } from './fault-plan.ts'
import { phases } from './passage.ts'
import { simulate, type SimulationResult } from './simulate.ts'
import { simulatedWorkflows, type SimulatedWorkflow } from './scenario.ts'
import { builtInTopology, topologyNames, type Topology } from './topology.ts'

/** What may be said instead of drawn. */
export interface SeedOptions {
  readonly topology?: Topology
  readonly workflows?: readonly SimulatedWorkflow[]
  /** Only faults of these kinds. */
  readonly kinds?: readonly FaultKind[]
}

export interface SeedPlan {
  readonly seed: number
  readonly topology: Topology
  readonly workflow: SimulatedWorkflow
  readonly lease: Duration
  readonly longestHold: Duration
  readonly parameters: JsonObject
  readonly faults: readonly SimulatedFault[]
}

export function planOfSeed(seed: number, options: SeedOptions = {}): SeedPlan {
  const random = seededRandom(`plan ${seed}`)
  const { kinds = faultKinds, workflows = simulatedWorkflows } = options
  const cells = cellsOf(workflows).filter((cell) => kinds.includes(cell.kind))
  const cell = cells[seed % Math.max(1, cells.length)]
  const topology = options.topology ?? builtInTopology(random.pick(topologyNames))
  const lease = random.pick([2000, 5000, 30_000])
  const workflow = cell?.workflow ?? random.pick(workflows)
  const faults = cell === undefined ? [] : [faultIn(cell, random)]
  while (cell !== undefined && faults.length < 4 && random.chance(0.35)) {
    const kind = random.pick(kinds)
    faults.push(faultIn({ workflow, kind, phase: random.pick(phases) }, random))
  }
  const longestHold = random.branch('hold').chance(0.3) ? lease + 20_000 : lease
  const parameters = parametersOf(
    workflow,
    options.topology ? [] : Object.keys(topology.plan.groups),
    random.branch('how'),
  )
  return { seed, topology, workflow, lease, longestHold, parameters, faults }
}

// How a backup or a restore is asked for. What an undisturbed run could fail by (a limit that it does not keep) is left out.
function parametersOf(workflow: SimulatedWorkflow, groups: readonly string[], random: Random): JsonObject {
  const [prefer, best] = [{ freeze_policy: 'prefer' }, { snapshot_policy: 'best_effort' }]
  const limit = { freeze_slo: '600ms', freeze_slo_action: random.pick(['warn', 'degrade']) }
  const restores: JsonObject[] = [{}, {}, prefer]
  const backups = [...restores, best, { ...prefer, ...best }, limit, ...groups.map((name) => ({ groups: [name] }))]
  if (workflow === 'backup') return random.pick<JsonObject>(backups)
  return workflow === 'restore' ? random.pick(restores) : {}
}

/** The run of the seed, compared with an undisturbed one. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SimulationResult & { plan: SeedPlan }> {
  const plan = planOfSeed(seed, options)
  return { ...(await runPlan(plan)), plan }
}

export async function runPlan(plan: SeedPlan): Promise<SimulationResult> {
  return simulate({ ...plan, undisturbed: await undisturbedEnd(plan) })
}

const ends = new WeakMap<Topology, Map<string, EndState>>()

/** What a run without faults leaves; the same for every seed. */
export async function undisturbedEnd(
  plan: Pick<SeedPlan, 'topology' | 'workflow'> & Pick<Partial<SeedPlan>, 'parameters'>,
): Promise<EndState> {
  const { topology, workflow, parameters = {} } = plan
  const known = ends.get(topology) ?? new Map<string, EndState>()
  ends.set(topology, known)
  const key = `${workflow} ${JSON.stringify(parameters)}`
  const found = known.get(key)
  if (found) return found
  const { end } = await simulate({ seed: 0, topology, workflow, parameters })
  known.set(key, end)
  return end
}

function faultIn({ kind, phase }: Cell, random: Random): SimulatedFault {
  // Calls of one kind are few in a phase, passages of any kind are many.
  const step = ['crash', 'pause', 'cancel', 'clock'].includes(kind)
    ? random.whole(1, 24)
    : 1 + Math.floor(random.next() ** 2 * 6)
  const at = { phase, step }
  switch (kind) {
    case 'crash':
      return { kind, at, length: random.pick([20, 500, 3000, 9000, 40_000]) }
    case 'pause':
      return { kind, at, length: random.pick([300, 3000, 8000, 40_000]) }
    case 'partition':
      return { kind, at, length: random.pick([500, 4000, 15_000]) }
    case 'throttle':
      return { kind, at, length: random.whole(200, 4000), times: random.whole(1, 3) }
    case 'duplicate':
      return { kind, at, length: random.whole(1, 3000) }
    case 'slow':
      return { kind, at, factor: random.whole(3, 60) }
    case 'clock':
      return { kind, at, length: random.pick([-300_000, -2000, 2000, 300_000]) }
    case 'store':
      return { kind, at, error: random.pick(storeErrors), times: random.whole(1, 3) }
    default:
      return { kind, at, times: random.chance(0.3) ? 2 : 1 }
  }
}
