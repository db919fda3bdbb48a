// Reading executions. Plain statements, so that a list does not wait for a query builder or an engine to load.
import type { ExecutionRow, FreezeRow } from '../store/tables.ts'
import type { ExecutionDetails, ExecutionRecord } from './api.ts'
import { bracketReports } from './bracket-reports.ts'
import type { Engine } from './engine.ts'
import { notFound } from './not-found.ts'
import { executionRecord, freezeWindow } from './rows.ts'

type Reader = Pick<Engine, 'store'>

export interface ExecutionQueries {
  list(query?: { readonly deploymentId?: string }): Promise<readonly ExecutionRecord[]>
  get(id: string): Promise<ExecutionDetails>
}

export function executionQueriesOf(engine: Reader): ExecutionQueries {
  return {
    async list(query = {}) {
      const { deploymentId } = query
      const rows = await (deploymentId === undefined
        ? engine.store.read<ExecutionRow>('select * from executions order by created_at, id')
        : engine.store.read<ExecutionRow>('select * from executions where deployment_id = ? order by created_at, id', [
            deploymentId,
          ]))
      return rows.map(executionRecord)
    },
    get: (id) => executionDetails(engine, id),
  }
}

export async function executionDetails(engine: Reader, id: string): Promise<ExecutionDetails> {
  const row = await executionRow(engine, id)
  const freezes = await engine.store.read<FreezeRow>(
    'select * from freezes where execution_id = ? order by frozen_at',
    [id],
  )
  const brackets = await bracketReports(engine, id)
  const { plan } = JSON.parse(row.options) as { readonly plan?: string }
  return { ...executionRecord(row), planDigest: plan ?? null, freezes: freezes.map(freezeWindow), brackets }
}

/** @throws Fault `usage.not_found` */
export async function executionRow(engine: Reader, id: string): Promise<ExecutionRow> {
  const [row] = await engine.store.read<ExecutionRow>('select * from executions where id = ?', [id])
  if (row) return row
  const known = await engine.store.read<{ id: string }>('select id from executions order by created_at desc limit 100')
  throw notFound(
    'execution',
    id,
    known.map((execution) => execution.id),
  )
}
