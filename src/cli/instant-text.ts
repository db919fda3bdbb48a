// Moments as text. All times are shown in UTC, as Cloudify does.
import type { Instant } from '../kernel/duration.ts'

/** `2017-09-28 08:12:05.125`. */
export function preciseTime(instant: Instant): string {
  return new Date(instant).toISOString().replace('T', ' ').replace('Z', '')
}

/** `2017-09-28 08:12:05`. */
export function shortTime(instant: Instant | null): string {
  return instant === null ? '' : preciseTime(instant).slice(0, 19)
}
