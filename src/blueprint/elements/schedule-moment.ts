// Moments of schedules: `2030-01-01 7:40` in a time zone, or `+1 day +2 hours` from when the deployment is made.

/** In UTC as `2030-01-01 07:40:00`; relative ones as they are written. */
export function readMoment(
  written: string,
  timezone: string | undefined,
): { readonly text: string } | { readonly reason: string } {
  if (written.trim().startsWith('+')) return readRelative(written.trim())
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(written.trim())
  if (match === null) return { reason: 'write YYYY-MM-DD HH:MM, or +1 day +2 hours' }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0))
  const local = Date.UTC(year, month - 1, day, hour, minute, second)
  const check = new Date(local)
  if (check.getUTCMonth() !== month - 1 || check.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    return { reason: 'there is no such day or time' }
  }
  const offset = offsetAt(local, timezone)
  return offset === undefined
    ? { reason: `time zone '${timezone ?? ''}' is not known` }
    : { text: format(local - offset) }
}

const units = 'years?|y|months?|mo|weeks?|w|days?|d|hours?|h|minutes?|min|m|seconds?|sec|s'
const relative = new RegExp(`^(\\+\\s*\\d+\\s*(${units})\\s*)+$`, 'i')

function readRelative(written: string): { readonly text: string } | { readonly reason: string } {
  return relative.test(written) ? { text: written } : { reason: 'write +1 day +2 hours' }
}

function format(moment: number): string {
  return new Date(moment).toISOString().slice(0, 19).replace('T', ' ')
}

/** How far the zone is ahead of UTC at a moment given in its own time, in milliseconds. */
function offsetAt(local: number, timezone: string | undefined): number | undefined {
  if (timezone === undefined) return 0
  const clock = clockOf(timezone)
  if (clock === undefined) return undefined
  // Twice, since the first guess may fall on the other side of a clock change.
  const first = difference(local, clock)
  return difference(local - first, clock)
}

function clockOf(timezone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-CA', {
      timeZone: timezone,
      hourCycle: 'h23',
      dateStyle: 'short',
      timeStyle: 'medium',
    })
  } catch {
    return undefined
  }
}

function difference(moment: number, clock: Intl.DateTimeFormat): number {
  const parts = new Map(clock.formatToParts(moment).map(({ type, value }) => [type, Number(value)]))
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return shown - moment
}
