// Lengths of time. A Duration is always milliseconds; texts such as `30s` are read here and nowhere else.
import { fault } from './fault.ts'

/** Milliseconds. */
export type Duration = number

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number

const unitLengths: Readonly<Record<string, Duration>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export const seconds = (count: number): Duration => count * 1000

/**
 * Reads `500ms`, `30s`, `1.5m`, `2h`, `7d` as whole milliseconds; a bare number counts seconds, as in Cloudify's `retry_interval`.
 *
 * @throws Fault `usage.bad_duration` naming the text.
 */
export function parseDuration(text: string | number): Duration {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?\s*$/.exec(String(text))
  const length = match ? Math.round(Number(match[1]) * (unitLengths[match[2] ?? 's'] ?? 1000)) : Infinity
  if (!Number.isSafeInteger(length)) throw fault('usage.bad_duration', { details: { value: String(text) } })
  return length
}

/** A length for people: `850 ms`, `2.41 s`, `3 min 20 s`. */
export function formatDuration(length: Duration): string {
  if (length < 1000) return `${Math.round(length)} ms`
  if (length < 60_000) return `${(length / 1000).toFixed(2)} s`
  const whole = Math.round(length / 1000)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}
