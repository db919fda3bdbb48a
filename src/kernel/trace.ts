// What a run leaves beside its events for whoever checks it afterwards: the moments that the promises speak of.
import type { Instant } from './duration.ts'
import type { Json } from './json.ts'

/** Each type with the fields it has beside `instance` and `bracket`. */
export const traceTypes = {
  /** `isResumed`: an earlier process had begun it. */
  'execution.started': ['workflow', 'isResumed', 'engine'],
  'execution.ended': ['status'],
  'execution.cancelled': [],
  /** `tiers`: lists of instance ids, frozen one tier after the other; `cuts`: who is cut; `groups`: name -> instance ids. */
  'bracket.opened': ['purpose', 'tiers', 'cuts', 'groups'],
  'bracket.thawed': [],
  'bracket.abandoned': [],
  /** The row is on disk. `kind`: of the deadman that is to be armed; `none` when nothing can be. */
  'ledger.written': ['token', 'until', 'kind'],
  'deadman.armed': ['token', 'kind', 'lease', 'maximum'],
  'deadman.extended': ['token', 'until'],
  /** `firedAt`: null when it did not fire. */
  'deadman.disarmed': ['token', 'firedAt'],
  'freeze.begun': ['token', 'attempt'],
  'freeze.done': ['token'],
  'freeze.failed': ['token', 'code', 'effect'],
  /** The node stays unfrozen in this bracket; `policy`: why that may be. */
  'freeze.left': ['policy', 'reason'],
  'cut.begun': ['key', 'attempt', 'inDoubt'],
  /** `consistency`: what the provider itself vouches for. `isSettled`: nothing is owed after it. */
  'cut.done': ['key', 'providerId', 'consistency', 'isSettled'],
  'cut.failed': ['key', 'code', 'effect'],
  'thaw.begun': ['attempt'],
  'thaw.done': [],
  'thaw.failed': ['code'],
  'settle.begun': ['key'],
  /** Settling ends with a read-back: the part was seen to be usable. */
  'settle.done': ['key', 'providerId', 'consistency'],
  'settle.failed': ['key', 'code'],
  'undo.begun': ['key'],
  'undo.done': ['key'],
  'undo.failed': ['key', 'code'],
  'point.opened': ['point', 'name'],
  /** `parts`: instance id -> consistency. `missing`: instances that should have a part and have none. */
  'point.sealed': ['point', 'name', 'consistency', 'parts', 'missing'],
  'point.discarded': ['point'],
  /** Something of the provider's is about to be deleted, by what the catalog holds. `parent`: what it rests on. */
  'part.deleting': ['point', 'providerId', 'parent'],
  'part.deleted': ['point', 'providerId'],
  /** `goodLeft`: good recovery points of the deployment after it; `isForced`: asked to break the floor. */
  'point.deleted': ['point', 'goodLeft', 'isForced', 'isGood'],
  'part.verified': ['point', 'isUsable'],
  /** Power states: `running`, `suspended`, `stopped`. */
  'power.found': ['state'],
  'power.restored': ['state', 'wanted'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type TraceType = keyof typeof traceTypes

/** One moment. `after`: the sequence of the event that came before it, 0 for none. */
export interface TraceRecord {
  readonly type: TraceType
  readonly at: Instant
  readonly after: number
  readonly instance?: string
  readonly bracket?: string
  readonly [field: string]: Json | undefined
}

/** A moment as it is reported; when and after what is added by the journal. */
export type TraceInput = Omit<TraceRecord, 'at' | 'after' | 'type'> & { readonly type: TraceType }
