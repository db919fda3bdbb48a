// The whole log of an execution, and the check of its promises: what the store holds of it and of what it worked on.
import type { JsonObject } from '../kernel/json.ts'
import { checkLog, type CheckedLog } from '../report/oracle/check.ts'
import type { LogEntry } from '../report/oracle/entry.ts'
import type { Facts } from '../report/oracle/facts.ts'
import { foundPower } from '../report/found-power.ts'
import { mergeLog } from '../report/log.ts'
import { sealedParts } from '../report/sealed-parts.ts'
import type { EventRow, ExecutionRow, TraceRow } from '../store/tables.ts'
import type { Engine } from './engine.ts'
import { executionRow } from './execution-queries.ts'
import type { Prepared } from './plans.ts'

export interface CheckOptions {
  /** Texts that must stand nowhere in the log. */
  readonly secrets?: readonly string[]
}

export interface CheckedExecution extends CheckedLog {
  readonly executionId: string
}

export interface ExecutionLogs {
  /** Events and the moments between them, in their order. */
  log(id: string): Promise<readonly LogEntry[]>
  /** Holds the log against every invariant. */
  check(id: string, options?: CheckOptions): Promise<CheckedExecution>
}

type Reader = Pick<Engine, 'store'>

export function executionLogsOf(engine: Reader): ExecutionLogs {
  return {
    async log(id) {
      await executionRow(engine, id)
      return logOf(engine, id)
    },
    async check(id, options = {}) {
      const row = await executionRow(engine, id)
      const entries = await logOf(engine, id)
      const facts = { ...(await factsOf(engine, row, entries)), ...options }
      return { executionId: id, ...checkLog(entries, facts) }
    },
  }
}

async function logOf({ store }: Reader, id: string): Promise<readonly LogEntry[]> {
  const events = await store.read<EventRow>('select * from events where execution_id = ? order by sequence', [id])
  const traces = await store.read<TraceRow>('select * from traces where execution_id = ? order by batch', [id])
  return mergeLog(events, traces)
}

async function factsOf(engine: Reader, row: ExecutionRow, entries: readonly LogEntry[]): Promise<Facts> {
  const { ignore_failure } = JSON.parse(row.parameters) as JsonObject
  const topology = { ...(await topologyOf(engine, row.deployment_id)), ignoresFailures: ignore_failure === true }
  const has = (type: string): boolean => entries.some((entry) => entry.type === type)
  return {
    ...topology,
    ...(has('part.deleting') ? await catalogOf(engine, row) : {}),
    ...(has('power.restored') ? { powerFound: await powerBefore(engine, row) } : {}),
  }
}

async function powerBefore({ store }: Reader, row: ExecutionRow): Promise<Readonly<Record<string, string>>> {
  const traces = await store.read<TraceRow & { readonly workflow: string }>(
    'select traces.*, executions.workflow from traces join executions on executions.id = traces.execution_id where ' +
      "executions.deployment_id = ? and executions.created_at < ? and (executions.workflow in ('resume', 'uninstall', 'reinstall') or " +
      "traces.records like '%\"power.%') " +
      'order by executions.created_at, executions.id, traces.batch',
    [row.deployment_id, row.created_at],
  )
  const runs = Map.groupBy(traces, (trace) => trace.execution_id)
  return foundPower(
    [...runs.values()].map((rows) => ({ workflow: rows[0]?.workflow ?? '', entries: mergeLog([], rows) })),
  )
}

async function topologyOf({ store }: Reader, deploymentId: string): Promise<Facts> {
  const [row] = await store.read<{ prepared: string }>('select prepared from deployments where id = ?', [deploymentId])
  if (!row) return {}
  const { instances } = JSON.parse(row.prepared) as Prepared
  return {
    dependencies: Object.fromEntries(
      instances.map((instance) => [instance.id, instance.relationships.map(({ targetId }) => targetId)]),
    ),
    hosts: Object.fromEntries(instances.map((instance) => [instance.id, instance.hostId])),
  }
}

// What backups of the deployment sealed, by their own logs, and what the catalog still holds of what was there before.
// An id may be used again by what came later.
async function catalogOf({ store }: Reader, row: ExecutionRow): Promise<Facts> {
  const traces = await store.read<TraceRow>(
    'select traces.* from traces join executions on executions.id = traces.execution_id where executions.deployment_id = ? ' +
      "and executions.workflow = 'backup' order by traces.execution_id, traces.batch",
    [row.deployment_id],
  )
  const children = await store.read<{ provider_id: string | null; parent_provider_id: string }>(
    'select parts.provider_id, parts.parent_provider_id from parts join recovery_points on recovery_points.id = ' +
      'parts.recovery_point_id where recovery_points.deployment_id = ? and recovery_points.created_at < ? and ' +
      'parts.parent_provider_id is not null',
    [row.deployment_id, row.created_at],
  )
  const logs = Map.groupBy(traces, (row) => row.execution_id)
  const needed = Map.groupBy(children, (row) => row.parent_provider_id)
  return {
    sealed: sealedParts([...logs.values()].map((rows) => mergeLog([], rows))),
    needed: Object.fromEntries(
      [...needed].map(([parent, rows]) => [parent, rows.map((row) => String(row.provider_id))]),
    ),
  }
}
