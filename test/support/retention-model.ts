// Retention once more, as one would say it: a copy at a time, with as much looking at all the others as that takes, and
// with the calendar of the machine's texts. Slow, and made to share nothing with what it is compared with.
import type { Copy, RetentionPolicy } from '../../src/schedule/retention/policy.ts'

const rules = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const

/** Ids of what is kept. */
export function modelKeeps(policy: RetentionPolicy, copies: readonly Copy[], now: number): Set<string> {
  const zone = policy.timezone ?? 'UTC'
  const isNewer = (one: Copy, other: Copy): boolean =>
    one.createdAt > other.createdAt || (one.createdAt === other.createdAt && one.id > other.id)
  const newerGood = (copy: Copy): Copy[] => copies.filter((other) => other.status === 'good' && isNewer(other, copy))
  const keptByItself = (copy: Copy): boolean => {
    if (copy.isHeld || copy.status === 'running') return true
    const newer = newerGood(copy)
    if (copy.status === 'deleting') return false
    if (copy.status !== 'good') return newer.length === 0
    if (newer.length < Math.max(policy.last ?? 0, policy.floor ?? 1, 1)) return true
    if (policy.within && copy.createdAt >= now - policy.within) return true
    if (copy.isVerified && !newer.some((other) => other.isVerified)) return true
    return rules.some((rule) => {
      const own = periodOf(rule, copy.createdAt, zone)
      const later = newer.map((other) => periodOf(rule, other.createdAt, zone))
      return !later.includes(own) && new Set(later).size < (policy[rule] ?? 0)
    })
  }
  const kept = new Set(copies.filter(keptByItself).map(({ id }) => id))
  for (let before = -1; before !== kept.size;) {
    before = kept.size
    for (const copy of copies) {
      if (!kept.has(copy.id)) continue
      for (const { id } of copies) if (copy.parentIds.includes(id)) kept.add(id)
    }
  }
  return kept
}

const texts = new Map<string, string>()

function periodOf(rule: (typeof rules)[number], instant: number, zone: string): string {
  const key = `${rule} ${zone} ${instant}`
  const known = texts.get(key) ?? periodText(rule, instant, zone)
  texts.set(key, known)
  return known
}

function periodText(rule: (typeof rules)[number], instant: number, zone: string): string {
  // `2026-10-25 02:30:00`
  const local = new Date(instant).toLocaleString('sv-SE', { timeZone: zone })
  switch (rule) {
    // Two hours of one name lie an hour apart in the world's time.
    case 'hourly':
      return `${local.slice(0, 13)} ${Math.floor((instant - minutesInto(local)) / 3_600_000 + 0.5)}`
    case 'daily':
      return local.slice(0, 10)
    case 'weekly':
      return mondayOf(local.slice(0, 10))
    case 'monthly':
      return local.slice(0, 7)
    case 'yearly':
      return local.slice(0, 4)
  }
}

const minutesInto = (local: string): number => (Number(local.slice(14, 16)) * 60 + Number(local.slice(17, 19))) * 1000

/** Walks back, a day at a time, to a day whose name is Monday. */
function mondayOf(date: string): string {
  const at = new Date(`${date}T12:00:00Z`)
  while (at.toLocaleString('en-GB', { timeZone: 'UTC', weekday: 'long' }) !== 'Monday')
    at.setUTCDate(at.getUTCDate() - 1)
  return at.toISOString().slice(0, 10)
}
