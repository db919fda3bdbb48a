// How the simulated cloud answers: how long it takes, and what goes wrong. Decided for each call by whoever runs the cloud.
import type { Duration, Instant } from '../../../kernel/duration.ts'

/** What is done: the parts of a run that a call may belong to. */
export const simCalls = [
  'arm',
  'extend',
  'disarm',
  'freeze',
  'thaw',
  'snapshot.list',
  'snapshot.create',
  'snapshot.watch',
  'snapshot.get',
  'snapshot.apply',
  'snapshot.delete',
  'power.get',
  'suspend',
  'resume',
  'create',
  'start',
  'stop',
  'delete',
  'statistics',
  'work',
] as const
export type SimCallName = (typeof simCalls)[number]

export interface SimCall {
  readonly name: SimCallName
  readonly node: string
  /** The operation's key. */
  readonly key: string
}

/**
 * `answer`: all goes well. `throttle`: 429 with Retry-After. `fail`: 500 before any effect. `lose`: takes effect, the answer
 * is lost. `hang`: takes effect, and no answer ever comes. `duplicate`: is delivered twice. `refuse`: the guest says no.
 */
export const simFates = ['answer', 'throttle', 'fail', 'lose', 'hang', 'duplicate', 'refuse'] as const
export type SimFate = (typeof simFates)[number]

export interface Manner {
  readonly fate: SimFate
  /** On the way there, and on the way back. */
  readonly there: Duration
  readonly back: Duration
  /** What the work takes, as a multiple of what the node says. */
  readonly slowness: number
  /** With `throttle`: when to come again. With `duplicate`: how much later the second delivery comes. */
  readonly later: Duration
}

export const promptManner: Manner = { fate: 'answer', there: 1, back: 1, slowness: 1, later: 0 }

export interface Behaviour {
  manner(call: SimCall): Manner
  /** When the node can be reached: now, or at the end of its partition. */
  reachableAt(node: string, now: Instant): Instant
  /** How long a new object stays out of lists. */
  readonly listDelay: Duration
  /** When a call that hangs is cut off: its connection breaks. */
  hangsUntil(now: Instant): Instant
  /** Told of each stage of a call. */
  onStage?(stage: 'before' | 'effect' | 'after', call: SimCall): void
}

/** Nothing goes wrong. */
export const calm: Behaviour = {
  manner: () => promptManner,
  reachableAt: (_node, now) => now,
  listDelay: 0,
  hangsUntil: (now) => now,
}
