// Which parts each recovery point was sealed with, by the logs of the backups that made them.
import { textOf, textsOf, type LogEntry, type MomentEntry } from './oracle/entry.ts'

/** Recovery point -> provider ids. Points with a part whose provider id was not told are left out: nothing is known of them. */
export function sealedParts(logs: readonly (readonly LogEntry[])[]): Readonly<Record<string, readonly string[]>> {
  const sealed: Record<string, readonly string[]> = {}
  for (const log of logs) {
    const ids = new Map<string | null, string | null>()
    for (const entry of log) {
      if (entry.source !== 'moment') continue
      if (entry.type === 'cut.done' || entry.type === 'settle.done')
        ids.set(entry.instance, textOf(entry, 'providerId'))
      else if (entry.type === 'point.sealed') addPoint(sealed, entry, ids)
    }
  }
  return sealed
}

function addPoint(
  sealed: Record<string, readonly string[]>,
  moment: MomentEntry,
  ids: ReadonlyMap<string | null, string | null>,
): void {
  const point = textOf(moment, 'point')
  const found = textsOf(moment, 'parts').map((instance) => ids.get(instance) ?? null)
  if (point !== null && !found.includes(null)) sealed[point] = found.filter((id) => id !== null)
}
