// What to keep: the words of a retention policy, and what a copy is for it.
import type { Duration, Instant } from '../../kernel/duration.ts'
import { periodRules, type PeriodRule } from './calendar.ts'

/** Each rule counts for itself; a copy is kept when any of them keeps it. Absent and 0 keep nothing. */
export interface RetentionPolicy extends Readonly<Partial<Record<PeriodRule, number>>> {
  /** The newest so many good copies. */
  readonly last?: number
  /** Good copies that are not older than this. */
  readonly within?: Duration
  /** How many good copies stay whatever the rules say; at least, and by default, one. */
  readonly floor?: number
  /** Whose days, weeks and months are meant, as `Europe/Berlin`; default UTC. */
  readonly timezone?: string
}

/**
 * `running`: being made now. `open`: never completed. `partial`: some of its parts are missing. `damaged`: read back and
 * not usable. `deleting`: its deletion has begun.
 */
export type CopyStatus = 'running' | 'open' | 'good' | 'partial' | 'damaged' | 'deleting'

export interface Copy {
  readonly id: string
  /** How reasons call it; default: its id. */
  readonly name?: string
  readonly createdAt: Instant
  readonly status: CopyStatus
  /** Every part of it was read back and is usable. */
  readonly isVerified: boolean
  readonly isHeld: boolean
  /** The copies that it rests on. */
  readonly parentIds: readonly string[]
}

export const isGoodCopy = (copy: Pick<Copy, 'status'>): boolean => copy.status === 'good'

/** True when no rule would keep anything. */
export function isEmptyPolicy(policy: RetentionPolicy): boolean {
  return [policy.last, policy.within, ...periodRules.map((rule) => policy[rule])].every((value) => !value)
}

/** `last 3, daily 7, within 7d, floor 1`. */
export function policyText(policy: RetentionPolicy): string {
  const counts = (['last', ...periodRules] as const).flatMap((rule) =>
    policy[rule] ? [`${rule} ${policy[rule]}`] : [],
  )
  const within = policy.within ? [`within ${lengthText(policy.within)}`] : []
  return [...counts, ...within, `floor ${floorOf(policy)}`, policy.timezone ?? 'UTC'].join(', ')
}

export const floorOf = (policy: RetentionPolicy): number => Math.max(1, policy.floor ?? 1)

const units: readonly (readonly [string, Duration])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
]

/** `7d`, `36h`: in the largest unit that leaves nothing over. */
export function lengthText(length: Duration): string {
  const [unit, one] = units.find(([, size]) => length % size === 0) ?? ['ms', 1]
  return `${length / one}${unit}`
}
