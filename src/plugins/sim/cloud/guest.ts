// One simulated machine or service: its power, its freeze, its deadmen. Everything that depends on time is worked out when
// somebody looks, so that a deadman fires also while nobody runs.
import type { Duration, Instant } from '../../../kernel/duration.ts'
import type { PowerState } from '../../contract/operation.ts'

/** A time in which the node stood still. `to` null: it still does. */
export interface FrozenSpan {
  readonly from: Instant
  readonly to: Instant | null
  readonly endedBy: 'thaw' | 'deadman' | null
  /** Of the deadman that watched over it; null: none did. */
  readonly watchedBy: string | null
}

export interface GuestDeadman {
  /** Each that is armed has its own, also two of the same token. */
  readonly id: string
  readonly token: string
  readonly armedAt: Instant
  readonly lease: Duration
  readonly deadline: Instant
  /** Its deadline is never later. */
  readonly latest: Instant
  readonly firedAt: Instant | null
}

/** A guest as it is kept: plain data. */
export interface GuestRecord {
  readonly id: string
  exists: boolean
  power: PowerState
  /** What its data holds comes from this snapshot; null: it was never restored. */
  restoredFrom: string | null
  restoredAt: Instant | null
  spans: FrozenSpan[]
  deadmen: GuestDeadman[]
  /** Keys of requests that were answered: another delivery changes nothing. */
  answered: string[]
}

/** Records of deadmen that fired are kept for whoever asks; only the last of them matter. */
const mostDeadmen = 50

export function newGuest(id: string): GuestRecord {
  return {
    id,
    exists: true,
    power: 'running',
    restoredFrom: null,
    restoredAt: null,
    spans: [],
    deadmen: [],
    answered: [],
  }
}

/** Lets the deadmen fire whose time came. */
export function catchUp(guest: GuestRecord, now: Instant): void {
  for (const deadman of guest.deadmen.filter((one) => one.firedAt === null && one.deadline <= now)) {
    replaceDeadman(guest, { ...deadman, firedAt: deadman.deadline })
    const span = openSpan(guest)
    if (span?.watchedBy === deadman.id) endSpan(guest, deadman.deadline, 'deadman')
  }
}

export function openSpan(guest: GuestRecord): FrozenSpan | undefined {
  const last = guest.spans.at(-1)
  return last?.to === null ? last : undefined
}

function endSpan(guest: GuestRecord, to: Instant, endedBy: 'thaw' | 'deadman'): void {
  const last = openSpan(guest)
  if (last) guest.spans[guest.spans.length - 1] = { ...last, to, endedBy }
}

/** False: nobody watches, and it was not frozen. `isWatched` false: it goes without a deadman. */
export function freezeGuest(guest: GuestRecord, now: Instant, isWatched: boolean): boolean {
  const watching = guest.deadmen.filter((deadman) => deadman.firedAt === null).at(-1)
  if (isWatched && !watching) return false
  const watchedBy = watching?.id ?? null
  const open = openSpan(guest)
  // Frozen already, by an earlier attempt: the newest deadman watches over it from now on.
  if (open) guest.spans[guest.spans.length - 1] = { ...open, watchedBy }
  else guest.spans.push({ from: now, to: null, endedBy: null, watchedBy })
  return true
}

export function thawGuest(guest: GuestRecord, now: Instant): void {
  endSpan(guest, now, 'thaw')
}

export function armGuest(guest: GuestRecord, deadman: Omit<GuestDeadman, 'firedAt'>): void {
  guest.deadmen = [...guest.deadmen, { ...deadman, firedAt: null }].slice(-mostDeadmen)
}

/** The new deadline; undefined: it fired, or is not there. */
export function extendGuest(guest: GuestRecord, now: Instant, id: string, lease: Duration): Instant | undefined {
  const deadman = guest.deadmen.find((one) => one.id === id)
  if (!deadman || deadman.firedAt !== null) return undefined
  const deadline = Math.min(now + lease, deadman.latest)
  replaceDeadman(guest, { ...deadman, deadline })
  return deadline
}

/** Dismisses it. A node that is frozen under no other than it goes on: nobody would watch over it any more. */
export function disarmGuest(guest: GuestRecord, now: Instant, id: string): Instant | null {
  const deadman = guest.deadmen.find((one) => one.id === id)
  if (!deadman) return null
  if (openSpan(guest)?.watchedBy === id && deadman.firedAt === null) endSpan(guest, now, 'thaw')
  if (deadman.firedAt === null) guest.deadmen = guest.deadmen.filter((one) => one !== deadman)
  return deadman.firedAt
}

/** True when it did not run for any moment of the time. */
export function stoodStill(guest: GuestRecord, from: Instant, to: Instant): boolean {
  if (guest.power !== 'running') return true
  return guest.spans.some((span) => span.from <= from && (span.to === null || span.to >= to))
}

function replaceDeadman(guest: GuestRecord, changed: GuestDeadman): void {
  guest.deadmen = guest.deadmen.map((one) => (one.id === changed.id ? changed : one))
}
