// Resuming: carries on an execution that failed, was cancelled, or whose process is gone.
import { fault } from '../kernel/fault.ts'
import type { ExecutionRow } from '../store/tables.ts'
import type { ExecutionDetails, ResumeOptions } from './api.ts'
import { assumptionsOf, type Assumptions } from './assume.ts'
import { carryOn, lookEvery, thawBefore } from './carry-on.ts'
import type { Engine } from './engine.ts'
import { executionDetails, executionRow } from './execution-queries.ts'
import type { ExecutionOptions } from './execution-site.ts'
import { refuseUnlessSomeFailed } from './failed-only.ts'
import { checkNotify } from './notify.ts'
import { runOwned } from './owned-run.ts'
import { executionRecord } from './rows.ts'
import { optionsOf } from './run-options.ts'

export async function resumeExecution(engine: Engine, id: string, options: ResumeOptions): Promise<ExecutionDetails> {
  await checkNotify(engine, options.notify)
  await engine.ownership.register()
  const { row, assumptions } = await takeWhenFree(engine, id, options)
  const changed = { ...row, options: JSON.stringify(optionsOf(options, JSON.parse(row.options) as ExecutionOptions)) }
  options.onStarted?.(executionRecord({ ...changed, status: 'started' }))
  await runOwned(engine, changed, { isResumed: true, control: options, assumptions })
  return executionDetails(engine, id)
}

interface Taken {
  readonly row: ExecutionRow
  readonly assumptions: Assumptions
}

async function takeWhenFree(engine: Engine, id: string, options: ResumeOptions): Promise<Taken> {
  const tried = new Set<string>()
  for (;;) {
    const taken = await take(engine, id, options, tried)
    if (taken) return taken
    if (!options.wait) await refuse(engine, id)
    await engine.world.clock.sleep(lookEvery, options.signal).catch(() => {
      throw fault('engine.cancelled')
    })
  }
}

/** undefined: somebody else has it, or is active on its deployment. */
async function take(
  engine: Engine,
  id: string,
  options: ResumeOptions,
  tried: Set<string>,
): Promise<Taken | undefined> {
  const found = await executionRow(engine, id)
  if (found.status === 'terminated') {
    const reason = 'it ended well; start a new one'
    throw fault('engine.not_resumable', { details: { id, status: 'terminated', reason } })
  }
  if (await engine.ownership.isOwnedByLiving(found)) return undefined
  if (options.failedOnly) await refuseUnlessSomeFailed(engine, found)
  const assumptions = await assumptionsOf(engine, id, options.assume)
  await thawBefore(engine, options, tried)
  // Another one that a dead process left on the deployment comes first: its nodes may be frozen.
  await carryOn(engine, options, id)
  const row = await executionRow(engine, id)
  if (await engine.ownership.holder(row.deployment_id)) return undefined
  return (await engine.ownership.takeOver(row, 'started')) ? { row, assumptions } : undefined
}

async function refuse(engine: Engine, id: string): Promise<never> {
  const row = await executionRow(engine, id)
  const owner = await engine.ownership.livingOwner(row)
  if (owner === null || row.ended_at === null) return engine.ownership.refuseBusy(row.deployment_id)
  const holder = `${owner} is thawing what execution ${id} left frozen`
  throw fault('engine.busy', { details: { deployment: row.deployment_id, holder, execution: id } })
}
