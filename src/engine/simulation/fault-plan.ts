// What goes wrong in a simulated run: a list of faults, each with its place. Plain data, so that a run can be told again,
// and made smaller by leaving faults out.
import type { Duration } from '../../kernel/duration.ts'
import type { Passage, Place } from './passage.ts'

export const faultKinds = [
  'crash',
  'pause',
  'partition',
  'cancel',
  'throttle',
  'fail',
  'lose',
  'hang',
  'duplicate',
  'refuse',
  'slow',
  'store',
  'clock',
] as const
export type FaultKind = (typeof faultKinds)[number]

export const storeErrors = ['full', 'busy', 'failed'] as const
export type StoreError = (typeof storeErrors)[number]

export interface SimulatedFault {
  readonly kind: FaultKind
  readonly at: Place
  /** crash: until the next life; clock: the jump, either way; pause and partition: how long; throttle: Retry-After; duplicate: until the second delivery. */
  readonly length?: Duration
  /** How many passages in a row are struck; default 1. */
  readonly times?: number
  /** store: which. */
  readonly error?: StoreError
  /** slow: how many times as long. */
  readonly factor?: number
}

/** SQLite's primary result codes. */
export const storeErrorCodes: Readonly<Record<StoreError, number>> = { full: 13, busy: 5, failed: 1 }

/** What the cloud does, as against what happens to the engine. */
const ofCloud: readonly FaultKind[] = ['throttle', 'fail', 'lose', 'hang', 'duplicate', 'refuse', 'slow']

export function isOfCloud(kind: FaultKind): boolean {
  return ofCloud.includes(kind)
}

/** True when a fault of this kind can happen there. */
export function canStrike(kind: FaultKind, passage: Omit<Passage, 'index'>): boolean {
  if (kind === 'store') return passage.kind === 'commit' && passage.moment === 'before'
  const isSent = passage.kind === 'call' && passage.moment === 'before'
  if (kind === 'partition') return isSent
  // A guest refuses to freeze, and nothing else.
  if (kind === 'refuse') return isSent && passage.name === 'freeze'
  return isOfCloud(kind) ? isSent : true
}
