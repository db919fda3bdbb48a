// The tables that say how long each node instance stood still, who did so together, and what that made of the parts.
import type { ExecutionDetails, FreezeWindow } from '../engine/api.ts'
import type { BracketReport } from '../engine/bracket-reports.ts'
import { formatDuration } from '../kernel/duration.ts'
import type { Paint } from './colours.ts'
import { preciseTime } from './instant-text.ts'
import { tableText } from './table.ts'

/** All of it, each table behind an empty line. */
export async function freezeReport({ freezes, brackets }: ExecutionDetails, paint: Paint): Promise<string> {
  const tables = [
    freezes.length === 0 ? '' : await freezeTable(freezes, paint),
    await togetherTable(brackets, paint),
    await labelTable(brackets, paint),
  ]
  return tables
    .filter((table) => table !== '')
    .map((table) => `\n${table}`)
    .join('\n')
}

function freezeTable(freezes: readonly FreezeWindow[], paint: Paint): Promise<string> {
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

// One instance alone says nothing that the first table does not say.
async function togetherTable(brackets: readonly BracketReport[], paint: Paint): Promise<string> {
  const sets = brackets.flatMap(({ frozen }) => frozen).filter(({ instances }) => instances.length > 1)
  if (sets.length === 0) return ''
  return tableText({
    head: ['TOGETHER', 'INSTANCES', 'FROM (UTC)', 'TO (UTC)', 'FOR', 'ALL CUTS WITHIN'],
    rows: sets.map(({ group, instances, interval, skew }) => [
      group === null ? 'everybody' : `group ${group}`,
      instances.length,
      interval === null ? 'not everybody stood still' : preciseTime(interval.from),
      interval === null ? null : preciseTime(interval.to),
      interval === null ? null : formatDuration(interval.to - interval.from),
      skew === null ? null : formatDuration(skew),
    ]),
    paint,
  })
}

async function labelTable(brackets: readonly BracketReport[], paint: Paint): Promise<string> {
  const rows = brackets.flatMap(({ parts, failures }) => [
    ...Object.entries(parts).map(([id, { consistency, reason }]) => [id, consistency, reason]),
    ...Object.entries(failures).map(([id, { message }]) => [id, 'missing', message]),
  ])
  return rows.length === 0 ? '' : tableText({ head: ['PART', 'CONSISTENCY', 'WHY NOT MORE'], rows, paint })
}
