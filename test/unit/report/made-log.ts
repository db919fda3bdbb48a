// Logs made by hand: rows in their order, from which events and moments are built as the store would hold them.
import type { JsonObject } from '../../../src/kernel/json.ts'
import { traceTypes, type TraceRecord } from '../../../src/kernel/trace.ts'
import { mergeLog } from '../../../src/report/log.ts'
import type { LogEntry } from '../../../src/report/oracle/entry.ts'
import type { EventRow } from '../../../src/store/tables.ts'

/** An event or, when its type is one of a moment, a moment. Each is 10 ms after the one before unless it says otherwise. */
export interface Row {
  readonly type: string
  readonly instance?: string
  readonly bracket?: string
  readonly operation?: string
  readonly text?: string
  readonly at?: number
  /** Instead of the number that comes next. */
  readonly sequence?: number
  readonly fields?: JsonObject
}

const begin = 1_700_000_000_000

export function logOf(rows: readonly Row[]): readonly LogEntry[] {
  const events: EventRow[] = []
  const moments: TraceRecord[] = []
  let at = begin
  for (const row of rows) {
    at = row.at === undefined ? at + 10 : begin + row.at
    if (Object.hasOwn(traceTypes, row.type)) moments.push(momentOf(row, at, events.length))
    else events.push(eventOf(row, at, row.sequence ?? events.length + 1))
  }
  return mergeLog(events, [{ execution_id: 'e', batch: 1, records: JSON.stringify(moments) }])
}

function momentOf({ type, instance, bracket, fields }: Row, at: number, after: number): TraceRecord {
  const place = { ...(instance ? { instance } : {}), ...(bracket ? { bracket } : {}) }
  return { type, at, after, ...place, ...fields } as TraceRecord
}

function eventOf(row: Row, time: number, sequence: number): EventRow {
  return {
    execution_id: 'e',
    sequence,
    time,
    kind: row.type,
    level: null,
    instance_id: row.instance ?? null,
    operation: row.operation ?? null,
    source_id: null,
    target_id: null,
    message: row.text ?? '',
  }
}

export type Match = Partial<Pick<Row, 'type' | 'instance' | 'bracket' | 'operation'>>

const isMatch = (row: Row, match: Match): boolean =>
  Object.entries(match).every(([name, value]) => row[name as keyof Match] === value)

/** The place of the only row that matches. */
export function placeOf(rows: readonly Row[], match: Match): number {
  const found = rows.flatMap((row, index) => (isMatch(row, match) ? [index] : []))
  if (found.length !== 1) throw new Error(`${found.length} rows match ${JSON.stringify(match)}`)
  return found[0] as number
}

export function without(rows: readonly Row[], ...matches: readonly Match[]): readonly Row[] {
  return matches.reduce<readonly Row[]>((left, match) => left.toSpliced(placeOf(left, match), 1), rows)
}

export function moved(rows: readonly Row[], match: Match, place: { readonly before: Match }): readonly Row[] {
  const row = rows[placeOf(rows, match)] as Row
  const left = without(rows, match)
  return left.toSpliced(placeOf(left, place.before), 0, row)
}

export function changed(rows: readonly Row[], match: Match, change: (row: Row) => Row): readonly Row[] {
  const place = placeOf(rows, match)
  return rows.with(place, change(rows[place] as Row))
}

export function withFields(rows: readonly Row[], match: Match, fields: JsonObject): readonly Row[] {
  return changed(rows, match, (row) => ({ ...row, fields: { ...row.fields, ...fields } }))
}

export function withRows(rows: readonly Row[], before: Match, added: readonly Row[]): readonly Row[] {
  return rows.toSpliced(placeOf(rows, before), 0, ...added)
}
