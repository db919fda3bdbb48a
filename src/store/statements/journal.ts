// The hot statements: what an execution writes all the time. Plain SQL for both databases, one text each, so that a
// driver prepares them once.
import type { SqlValue, Write } from '../store.ts'
import type { EventRow, FreezeRow, StepRow, TraceRow } from '../tables.ts'

const insertEvent =
  'insert into events (execution_id, sequence, time, kind, level, instance_id, operation, source_id, target_id, message) ' +
  'values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'

const putStep =
  'insert into steps (execution_id, key, state, attempt, result, fault, started_at, ended_at) values (?, ?, ?, ?, ?, ?, ?, ?) ' +
  'on conflict (execution_id, key) do update set state = excluded.state, attempt = excluded.attempt, result = excluded.result, ' +
  'fault = excluded.fault, started_at = excluded.started_at, ended_at = excluded.ended_at'

const putFreeze =
  'insert into freezes (execution_id, bracket, instance_id, token, deadman, inputs, frozen_at, until, thawed_at, expired, node_id, ' +
  'deployment_id, kind, seen_frozen_at, begun, seen) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (execution_id, bracket, instance_id) do update set token = excluded.token, ' +
  'deadman = excluded.deadman, frozen_at = excluded.frozen_at, until = excluded.until, thawed_at = excluded.thawed_at, ' +
  'expired = excluded.expired, kind = excluded.kind, seen_frozen_at = excluded.seen_frozen_at, begun = excluded.begun, seen = excluded.seen'

const insertTrace = 'insert into traces (execution_id, batch, records) values (?, ?, ?)'

const updateInstance = 'update node_instances set state = ?, runtime_properties = ? where deployment_id = ? and id = ?'

const putStatistic =
  'insert into statistics (deployment_id, instance_id, name, unit, time, value) values (?, ?, ?, ?, ?, ?) ' +
  'on conflict (instance_id, name, time) do update set value = excluded.value'

const eventValues = (row: EventRow): SqlValue[] => [
  row.execution_id,
  row.sequence,
  row.time,
  row.kind,
  row.level,
  row.instance_id,
  row.operation,
  row.source_id,
  row.target_id,
  row.message,
]

const stepValues = (row: StepRow): SqlValue[] => [
  row.execution_id,
  row.key,
  row.state,
  row.attempt,
  row.result,
  row.fault,
  row.started_at,
  row.ended_at,
]

const freezeValues = (row: FreezeRow): SqlValue[] => [
  row.execution_id,
  row.bracket,
  row.instance_id,
  row.token,
  row.deadman,
  row.inputs,
  row.frozen_at,
  row.until,
  row.thawed_at,
  row.expired,
  row.node_id,
  row.deployment_id,
  row.kind,
  row.seen_frozen_at,
  row.begun,
  row.seen,
]

export const eventWrite = (rows: readonly EventRow[]): Write => ({ sql: insertEvent, rows: rows.map(eventValues) })

export const stepWrite = (rows: readonly StepRow[]): Write => ({ sql: putStep, rows: rows.map(stepValues) })

export const freezeWrite = (rows: readonly FreezeRow[]): Write => ({ sql: putFreeze, rows: rows.map(freezeValues) })

export const isFreezeWrite = (write: Write): boolean => write.sql === putFreeze

/** A row: state, runtime properties as JSON text, deployment id, instance id. */
export const instanceWrite = (rows: readonly (readonly [string, string, string, string])[]): Write => ({
  sql: updateInstance,
  rows,
})

/** A row: deployment id, instance id, name, unit, time, value. */
export const statisticWrite = (rows: readonly (readonly SqlValue[])[]): Write => ({ sql: putStatistic, rows })

export const traceWrite = (row: TraceRow): Write => ({
  sql: insertTrace,
  rows: [[row.execution_id, row.batch, row.records]],
})
