// Whether something can be resumed by running again only what failed.
import { fault, type FaultRecord } from '../kernel/fault.ts'
import type { ExecutionRow, StepRow } from '../store/tables.ts'
import type { Engine } from './engine.ts'

/** @throws Fault `engine.nothing_failed` */
export async function refuseUnlessSomeFailed(
  engine: Engine,
  execution: Pick<ExecutionRow, 'id' | 'status'>,
): Promise<void> {
  const steps = await engine.store.read<Pick<StepRow, 'key' | 'state' | 'fault'>>(
    "select key, state, fault from steps where execution_id = ? and (state = 'failed' or key like '%/abandoned')",
    [execution.id],
  )
  const abandoned = steps.filter((step) => step.key.endsWith('/abandoned')).map((step) => step.key.slice(0, -9))
  const failed = steps.filter((step) => step.state === 'failed' && !isCancel(step))
  // What failed in a bracket that was taken back as a whole left nothing to add to.
  if (failed.some(({ key }) => !abandoned.some((round) => key.startsWith(round)))) return
  const reason =
    failed.length > 0 ? 'nothing of its bracket was kept: all of it has to be done again' : 'no operation of it failed'
  throw fault('engine.nothing_failed', { details: { id: execution.id, status: execution.status, reason } })
}

function isCancel({ fault: text }: Pick<StepRow, 'fault'>): boolean {
  return text !== null && (JSON.parse(text) as FaultRecord).code === 'engine.cancelled'
}
