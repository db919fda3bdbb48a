// How things stand, in one record.
import { executionStatuses, type ExecutionStatus, type StatusRecord } from './api.ts'
import type { Engine } from './engine.ts'
import { frozenNow } from './frozen.ts'
import { ownVersion } from './own-version.ts'

export async function statusOf(engine: Engine): Promise<StatusRecord> {
  const { query } = engine.store
  const counts = await query
    .selectFrom('executions')
    .select(['status', (of) => of.fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute()
  const countOf = new Map(counts.map((row) => [row.status, row.count]))
  return {
    version: ownVersion(),
    node: process.version,
    home: engine.home.path,
    store: { kind: 'sqlite', schema: engine.store.schemaVersion, bytes: engine.store.bytes() },
    blueprints: await count(engine, 'blueprints'),
    deployments: await count(engine, 'deployments'),
    executions: Object.fromEntries(executionStatuses.map((status) => [status, countOf.get(status) ?? 0])) as Record<
      ExecutionStatus,
      number
    >,
    frozen: await frozenNow(engine),
    interrupted: (await engine.ownership.interrupted()).map((row) => row.id),
  }
}

async function count(engine: Engine, table: 'blueprints' | 'deployments'): Promise<number> {
  const row = await engine.store.query
    .selectFrom(table)
    .select((of) => of.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return row.count
}
