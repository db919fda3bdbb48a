// Where a simulated run passes by: fault points, calls to the cloud, commits. Faults strike at passages, and the crash
// matrix is made of them.
import type { FaultPoint } from '../../kernel/fault-point.ts'
import type { Instant } from '../../kernel/duration.ts'
import type { SimCallName } from '../../plugins/sim/cloud/behaviour.ts'

/** What the run is busy with. `record`: its own books; `undo`: what a failed bracket takes back. */
export const phases = ['freeze', 'cut', 'thaw', 'settle', 'walk', 'record', 'undo'] as const
export type Phase = (typeof phases)[number]

export interface Passage {
  /** Counts from 1 within each life of the engine. */
  readonly index: number
  /** Counts the lives from 1. */
  readonly life: number
  readonly phase: Phase
  readonly kind: 'point' | 'call' | 'commit'
  /** Of a fault point or a call; `commit` for commits. */
  readonly name: string
  /** For calls `before`, `effect`, `after`; for commits `before`, `after`; for points `at`. */
  readonly moment: 'at' | 'before' | 'effect' | 'after'
  readonly node: string | null
  readonly at: Instant
}

/** Which passage is meant. Without a life it is any. */
export type Place =
  | { readonly life?: number; readonly index: number }
  | { readonly life?: number; readonly point: FaultPoint; readonly ordinal: number }
  /** `step` counts those passages of the phase at which such a fault can strike. */
  | { readonly life?: number; readonly phase: Phase; readonly step: number }

const phaseOfCall: Readonly<Record<SimCallName, Phase | null>> = {
  arm: 'freeze',
  extend: 'freeze',
  freeze: 'freeze',
  'snapshot.list': 'cut',
  'snapshot.create': 'cut',
  'snapshot.watch': 'cut',
  'snapshot.apply': 'cut',
  thaw: 'thaw',
  disarm: 'thaw',
  'snapshot.get': 'settle',
  'snapshot.delete': null,
  'power.get': 'walk',
  suspend: 'walk',
  resume: 'walk',
  create: 'walk',
  start: 'walk',
  stop: 'walk',
  delete: 'walk',
  statistics: 'walk',
  work: 'walk',
}

/** Deleting is the work of remove_backup, and what a failed backup does to its own. */
export function callPhase(name: SimCallName, workflow: string): Phase {
  return phaseOfCall[name] ?? (workflow === 'remove_backup' ? 'walk' : 'undo')
}

/** null: the phase stays what it was. */
export function pointPhase(name: FaultPoint): Phase | null {
  if (name.startsWith('freeze.')) return 'freeze'
  if (name.startsWith('thaw.')) return 'thaw'
  if (name.startsWith('catalog.') || name.startsWith('execution.')) return 'record'
  const ofBracket: Partial<Record<FaultPoint, Phase>> = {
    'bracket.frozen': 'cut',
    'bracket.cut': 'thaw',
    'bracket.thawed': 'settle',
    'bracket.settled': 'record',
    'bracket.abandoned': 'record',
  }
  return ofBracket[name] ?? null
}
