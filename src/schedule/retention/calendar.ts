// Which hour, day, ISO week, month and year an instant belongs to, in a time zone.
import type { Instant } from '../../kernel/duration.ts'
import { fault } from '../../kernel/fault.ts'

export const periodRules = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const
export type PeriodRule = (typeof periodRules)[number]

/** The names of its periods: `2026-10-25 02:00+02:00`, `2026-10-25`, `2026-W43`, `2026-10`, `2026`. */
export type Periods = Readonly<Record<PeriodRule, string>>

const day = 86_400_000
/** A simulation asks for the same instants again and again. */
const mostRemembered = 10_000

/** @throws Fault `usage.bad_argument` when there is no such zone */
export function calendarOf(timezone: string): (instant: Instant) => Periods {
  const known = calendars.get(timezone)
  if (known) return known
  const local = timezone === 'UTC' ? utcTime : zoneTime(timezone)
  const remembered = new Map<Instant, Periods>()
  const calendar = (instant: Instant): Periods => {
    const earlier = remembered.get(instant)
    if (earlier) return earlier
    const periods = periodsOf(local(instant))
    if (remembered.size >= mostRemembered) remembered.clear()
    remembered.set(instant, periods)
    return periods
  }
  calendars.set(timezone, calendar)
  return calendar
}

const calendars = new Map<string, (instant: Instant) => Periods>()

interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  /** `+02:00`: when clocks are put back, an hour of the same number comes twice. */
  readonly offset: string
}

function periodsOf(time: LocalTime): Periods {
  const [year, month, date] = [digits(time.year, 4), digits(time.month, 2), digits(time.day, 2)]
  return {
    hourly: `${year}-${month}-${date} ${digits(time.hour, 2)}:00${time.offset}`,
    daily: `${year}-${month}-${date}`,
    weekly: isoWeek(time),
    monthly: `${year}-${month}`,
    yearly: year,
  }
}

/** A week belongs to the year of its Thursday, and begins on Monday. */
function isoWeek(time: LocalTime): string {
  const days = Date.UTC(time.year, time.month - 1, time.day) / day
  // 1970-01-01 was a Thursday.
  const sinceMonday = (((days + 3) % 7) + 7) % 7
  const thursday = days - sinceMonday + 3
  const year = new Date(thursday * day).getUTCFullYear()
  const week = Math.floor((thursday - Date.UTC(year, 0, 1) / day) / 7) + 1
  return `${digits(year, 4)}-W${digits(week, 2)}`
}

function utcTime(instant: Instant): LocalTime {
  const at = new Date(instant)
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    offset: 'Z',
  }
}

function zoneTime(timezone: string): (instant: Instant) => LocalTime {
  const format = formatFor(timezone)
  return (instant) => {
    const fields = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]))
    const number = (name: string): number => Number(fields[name])
    const offset = (fields['timeZoneName'] ?? '').replace('GMT', '')
    return { year: number('year'), month: number('month'), day: number('day'), hour: number('hour'), offset }
  }
}

function formatFor(timezone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      timeZoneName: 'longOffset',
    })
  } catch {
    throw fault('usage.bad_argument', {
      details: { message: `there is no time zone '${timezone}'` },
      hint: 'write UTC, or a name such as Europe/Berlin',
    })
  }
}

const digits = (value: number, width: number): string => String(value).padStart(width, '0')
