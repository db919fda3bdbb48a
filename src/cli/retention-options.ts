// The options that say what retention keeps.
import { parseDuration } from '../kernel/duration.ts'
import { periodRules } from '../schedule/retention/calendar.ts'
import type { RetentionPolicy } from '../schedule/retention/policy.ts'
import type { Call } from './call.ts'
import type { OptionDefinition } from './definition.ts'

export const retentionOptions: readonly OptionDefinition[] = [
  { flags: '--keep-last <count>', description: 'the newest good ones' },
  { flags: '--keep-hourly <count>', description: 'the newest of each of the last hours that have one' },
  { flags: '--keep-daily <count>', description: 'the newest of each of the last days that have one' },
  { flags: '--keep-weekly <count>', description: 'the same for ISO weeks' },
  { flags: '--keep-monthly <count>', description: 'the same for months' },
  { flags: '--keep-yearly <count>', description: 'the same for years' },
  { flags: '--keep-within <time>', description: 'all that are not older, such as 36h or 7d' },
  { flags: '--floor <count>', description: 'how many good ones stay whatever the rules say (default: 1)' },
  { flags: '--timezone <zone>', description: 'whose days and weeks are meant, such as Europe/Berlin (default: UTC)' },
]

export const retentionNotes = [
  'Each rule counts for itself, and what any of them keeps is kept. A day without a backup uses up nothing of ' +
    '--keep-daily. The last good backup, the last verified one, what is held, what is being made and what a kept one rests ' +
    'on are always kept. Backups that are not good go once a newer good one is there.',
] as const

/** @throws Fault `usage.bad_argument`, `usage.bad_duration` */
export function readRetention(call: Call): RetentionPolicy {
  const policy: { -readonly [Rule in keyof RetentionPolicy]: RetentionPolicy[Rule] } = {}
  for (const rule of ['last', ...periodRules] as const) {
    const option = `keep${rule.charAt(0).toUpperCase()}${rule.slice(1)}`
    const count = call.wholeNumber(option, `--keep-${rule}`, 0)
    if (count !== undefined) policy[rule] = count
  }
  const within = call.text('keepWithin')
  if (within !== undefined) policy.within = parseDuration(within)
  const floor = call.wholeNumber('floor', '--floor', 1)
  if (floor !== undefined) policy.floor = floor
  const timezone = call.text('timezone')
  if (timezone !== undefined) policy.timezone = timezone
  return policy
}
