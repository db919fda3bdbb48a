// Runs that broke a promise once, as small as they could be made, with what was found by them. A seed draws other faults
// once there are other kinds of them, so each stands here as a whole.
import { builtInTopology } from '../../src/engine/simulation/topology.ts'
import type { SeedPlan } from '../../src/engine/simulation/seeds.ts'

type Found = Omit<SeedPlan, 'topology' | 'longestHold' | 'parameters'> & {
  readonly topology: string
  readonly longestHold?: number
  readonly parameters?: SeedPlan['parameters']
}

const found: Readonly<Record<string, Found>> = {
  'a snapshot stayed that a failed bracket could not take back': {
    seed: 270,
    topology: 'single',
    workflow: 'backup',
    lease: 30_000,
    faults: [{ kind: 'store', at: { phase: 'thaw', step: 4 }, error: 'busy', times: 3 }],
  },
  'the ledger said frozen after a thaw that the store had refused to record': {
    seed: 280,
    topology: 'single',
    workflow: 'backup',
    lease: 2000,
    faults: [{ kind: 'store', at: { phase: 'thaw', step: 2 }, error: 'failed', times: 2 }],
  },
  'cuts began in the turn in which their execution was cancelled': {
    seed: 489,
    topology: 'two-hosts',
    workflow: 'backup',
    lease: 30_000,
    faults: [{ kind: 'cancel', at: { phase: 'cut', step: 10 } }],
  },
  'settling began after a cancel': {
    seed: 1459,
    topology: 'three-tier',
    workflow: 'backup',
    lease: 5000,
    faults: [{ kind: 'cancel', at: { phase: 'settle', step: 7 } }],
  },
  'the thaw of a process that died was taken for a late one': {
    seed: 1968,
    topology: 'single',
    workflow: 'restore',
    lease: 30_000,
    faults: [{ kind: 'crash', at: { phase: 'thaw', step: 14 }, length: 40_000 }],
  },
  'the store was busy while snapshots were taken back': {
    seed: 2883,
    topology: 'three-tier',
    workflow: 'backup',
    lease: 5000,
    faults: [{ kind: 'store', at: { phase: 'settle', step: 5 }, error: 'busy', times: 2 }],
  },
  'a backup was sealed of which a part had been taken back before the crash': {
    seed: 1,
    topology: 'three-tier',
    workflow: 'backup',
    lease: 5000,
    longestHold: 25_000,
    parameters: { snapshot_policy: 'best_effort' },
    faults: [
      { kind: 'store', at: { phase: 'settle', step: 3 }, error: 'full' },
      { kind: 'crash', at: { phase: 'undo', step: 6 }, length: 20 },
    ],
  },
  'an operation that had made something was not taken back, for its last call had changed nothing': {
    seed: 1879,
    topology: 'two-hosts',
    workflow: 'backup',
    lease: 2000,
    parameters: { groups: ['data'] },
    faults: [{ kind: 'throttle', at: { phase: 'cut', step: 4 }, length: 3377 }],
  },
  'a label was told from a clock that had been set back during the cut': {
    seed: 2564,
    topology: 'three-tier',
    workflow: 'backup',
    lease: 2000,
    parameters: { freeze_policy: 'prefer', snapshot_policy: 'best_effort' },
    faults: [
      { kind: 'pause', at: { phase: 'cut', step: 3 }, length: 40_000 },
      { kind: 'clock', at: { phase: 'cut', step: 11 }, length: -300_000 },
    ],
  },
}

export const foundBefore: readonly { readonly what: string; readonly plan: SeedPlan }[] = Object.entries(found).map(
  ([what, { topology, longestHold, parameters = {}, ...plan }]) => ({
    what,
    plan: { ...plan, topology: builtInTopology(topology), longestHold: longestHold ?? plan.lease, parameters },
  }),
)
