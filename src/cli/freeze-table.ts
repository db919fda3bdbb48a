// The table that says how long each node instance stood still.
import type { FreezeWindow } from '../engine/api.ts'
import { formatDuration } from '../kernel/duration.ts'
import type { Paint } from './colours.ts'
import { preciseTime } from './instant-text.ts'
import { tableText } from './table.ts'

export function freezeTable(freezes: readonly FreezeWindow[], paint: Paint): Promise<string> {
  return tableText({
    head: ['FROZEN', 'FROM (UTC)', 'TO (UTC)', 'FOR', 'THAWED BY'],
    rows: freezes.map(({ instanceId, frozenAt, thawedAt, length, expired }) => [
      instanceId,
      preciseTime(frozenAt),
      thawedAt === null ? 'still frozen' : preciseTime(thawedAt),
      length === null ? null : formatDuration(length),
      thawedBy(thawedAt !== null, expired),
    ]),
    paint,
  })
}

function thawedBy(isThawed: boolean, isExpired: boolean): string {
  if (isExpired) return 'its deadman: the lease ended'
  return isThawed ? 'the workflow' : ''
}
