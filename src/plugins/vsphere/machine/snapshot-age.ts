// Snapshots that grow old: each keeps growing while its machine runs, and the longer it is kept the longer its end takes.
import type { Instant } from '../../../kernel/duration.ts'
import { everySnapshot, type Machine } from './machine.ts'

const day = 86_400_000

/** VMware's own advice: no snapshot for longer than 72 hours. */
export const usualAge = 3

export interface SnapshotAge {
  readonly count: number
  /** Of the oldest, in days; 0 when there is none. */
  readonly oldest: number
  /** Names of those that are older than they should be. */
  readonly old: readonly string[]
}

export function snapshotAge({ snapshots }: Pick<Machine, 'snapshots'>, now: Instant, mostDays = usualAge): SnapshotAge {
  const all = [...everySnapshot(snapshots)].map(({ name, createdAt }) => {
    const made = Date.parse(createdAt)
    return { name, days: Number.isFinite(made) ? Math.max(0, (now - made) / day) : 0 }
  })
  return {
    count: all.length,
    oldest: Math.max(0, ...all.map(({ days }) => days)),
    old: all.filter(({ days }) => days > mostDays).map(({ name }) => name),
  }
}

/** undefined: all is well. */
export function snapshotWarning(
  machine: Pick<Machine, 'name' | 'needsConsolidation' | 'snapshots'>,
  now: Instant,
  mostDays?: number,
): string | undefined {
  const { old } = snapshotAge(machine, now, mostDays)
  const parts = [
    ...(old.length > 0 ? [`snapshots that are older than ${mostDays ?? usualAge} days: ${old.join(', ')}`] : []),
    ...(machine.needsConsolidation ? ['disks that have to be consolidated'] : []),
  ]
  return parts.length === 0 ? undefined : `Machine ${machine.name} has ${parts.join(', and ')}`
}
