// The table of what is frozen: who, since when, until when, and whose thaw it waits for.
import type { FrozenRecord } from '../engine/frozen.ts'
import type { Paint } from './colours.ts'
import { preciseTime } from './instant-text.ts'
import { tableText, type Cell } from './table.ts'

/** `more`: a last column of one's own. */
export function frozenTable(
  frozen: readonly FrozenRecord[],
  paint: Paint,
  more?: { readonly head: string; readonly cell: (record: FrozenRecord) => Cell },
): Promise<string> {
  return tableText({
    head: ['FROZEN', 'DEPLOYMENT', 'EXECUTION', 'SINCE (UTC)', 'DEADMAN', more?.head ?? 'HELD BY'],
    rows: frozen.map((record) => [
      record.instanceId,
      record.deploymentId,
      record.executionId,
      preciseTime(record.since),
      deadmanText(record),
      more ? more.cell(record) : (record.holder ?? 'nobody'),
    ]),
    paint,
  })
}

function deadmanText({ kind, until }: FrozenRecord): string {
  return kind === 'none' ? 'none' : `${kind}, at the latest ${preciseTime(until)}`
}
