// One ordered log out of what an execution left: its events and the moments between them.
import type { Json, JsonObject } from '../kernel/json.ts'
import { traceTypes, type TraceRecord } from '../kernel/trace.ts'
import type { EventRow, TraceRow } from '../store/tables.ts'
import type { EventEntry, LogEntry, MomentEntry } from './oracle/entry.ts'

/**
 * Events by their numbers; after each the moments that say they came after it, in the order of their batches. A moment of
 * a type that this version does not know is left out: a newer one may have written it.
 */
export function mergeLog(events: readonly EventRow[], traces: readonly TraceRow[]): readonly LogEntry[] {
  const sorted = events.toSorted((one, other) => one.sequence - other.sequence)
  const momentsAfter = Map.groupBy(recordsOf(traces), (record) => record.after)
  const entries: LogEntry[] = []
  const add = (make: (position: number) => LogEntry): void => void entries.push(make(entries.length + 1))
  const addMoments = (after: number): void => {
    for (const record of momentsAfter.get(after) ?? []) add((position) => momentEntry(record, position))
    momentsAfter.delete(after)
  }
  addMoments(0)
  for (const event of sorted) {
    add((position) => eventEntry(event, position))
    addMoments(event.sequence)
  }
  // Their events are gone, which a rule tells.
  for (const after of [...momentsAfter.keys()].toSorted((one, other) => one - other)) addMoments(after)
  return entries
}

function recordsOf(traces: readonly TraceRow[]): readonly TraceRecord[] {
  return traces
    .toSorted((one, other) => one.batch - other.batch)
    .flatMap((row) => JSON.parse(row.records) as TraceRecord[])
    .filter((record) => Object.hasOwn(traceTypes, record.type))
}

function eventEntry(event: EventRow, position: number): EventEntry {
  const { sequence, time, kind, level, instance_id, operation, source_id, target_id, message } = event
  return {
    source: 'event',
    position,
    at: time,
    sequence,
    type: kind,
    level,
    instance: instance_id,
    operation,
    pair: source_id === null || target_id === null ? null : `${source_id}->${target_id}`,
    text: message,
  }
}

function momentEntry(record: TraceRecord, position: number): MomentEntry {
  const { type, at, after, instance = null, bracket = null, ...rest } = record
  const fields: JsonObject = Object.fromEntries(
    Object.entries(rest).filter((field): field is [string, Json] => field[1] !== undefined),
  )
  return { source: 'moment', position, at, sequence: after, type, instance, bracket, fields }
}
