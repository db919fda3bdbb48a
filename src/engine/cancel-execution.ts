// Cancelling: asks the process that runs the execution; when that is gone, thaws and ends it here.
import { fault } from '../kernel/fault.ts'
import { write } from '../store/store.ts'
import type { ExecutionRow } from '../store/tables.ts'
import type { CancelOptions, ExecutionRecord } from './api.ts'
import { lookEvery, thawBefore } from './carry-on.ts'
import type { Engine } from './engine.ts'
import { executionRow } from './execution-queries.ts'
import { runOwned } from './owned-run.ts'
import { activeStatuses } from './ownership.ts'
import { executionRecord } from './rows.ts'

export async function cancelExecution(engine: Engine, id: string, options: CancelOptions): Promise<ExecutionRecord> {
  const row = await executionRow(engine, id)
  if (!isActive(row)) {
    throw fault('engine.not_resumable', {
      details: { id, status: row.status, reason: 'there is nothing left to cancel' },
    })
  }
  await engine.ownership.register()
  await requestCancel(engine, row)
  for (let now = await executionRow(engine, id); ; now = await executionRow(engine, id)) {
    if (!options.wait || !isActive(now) || options.signal?.aborted) return executionRecord(now)
    // Whoever gives up waiting has asked all the same.
    await engine.world.clock.sleep(lookEvery, options.signal).catch(() => {})
    // Its process may die before it has come to an end.
    await requestCancel(engine, now)
  }
}

const isActive = (row: ExecutionRow): boolean => (activeStatuses as readonly string[]).includes(row.status)

async function requestCancel(engine: Engine, row: ExecutionRow): Promise<void> {
  const { id } = row
  if (await engine.ownership.isOwnedByLiving(row)) {
    const request = engine.store.query
      .updateTable('executions')
      .set({ status: 'cancelling' })
      .where('id', '=', id)
      .where('status', 'in', ['pending', 'started'])
    if (row.status !== 'cancelling') await engine.store.commit([write(request)])
    return
  }
  await thawBefore(engine, {})
  const left = await executionRow(engine, id)
  if (isActive(left) && (await engine.ownership.takeOver(left, 'cancelling')))
    await runOwned(engine, left, { isResumed: true, control: {}, isCancelled: true })
}
