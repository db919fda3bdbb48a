// Starting, resuming and cancelling executions, and carrying on what a dead process left behind.
import type { Duration } from '../kernel/duration.ts'
import { fault } from '../kernel/fault.ts'
import { write } from '../store/store.ts'
import type { ExecutionRow } from '../store/tables.ts'
import type { CancelOptions, ExecutionDetails, ExecutionRecord, Fermata, ResumeOptions, StartOptions } from './api.ts'
import { assumptionsOf, type Assumptions } from './assume.ts'
import type { Engine } from './engine.ts'
import { executionDetails, executionRow } from './execution-queries.ts'
import { runExecution } from './execution.ts'
import type { StartByPlan } from './execution-plan-start.ts'
import { defaultOptions, type ExecutionOptions } from './execution-site.ts'
import { refuseUnlessSomeFailed } from './failed-only.ts'
import { activeStatuses } from './ownership.ts'
import { deploymentRow, loadPlan } from './plans.ts'
import { executionRecord } from './rows.ts'
import { thawFirst } from './thaw-first.ts'
import { resolveWorkflow } from './workflow-table.ts'
import { workflowParameters } from './workflow-parameters.ts'

/** How often a waiting execution looks whether its turn came. */
const lookEvery: Duration = 200
/** How often a running execution looks whether another process asked it to stop: a thaw is due within a second of that. */
const lookForCancelEvery: Duration = 100
/** How long nodes that do not answer their thaw hold up what has nothing to do with them. */
const thawPatience: Duration = 60_000

type RunControl = Pick<StartOptions, 'onEvent' | 'signal'>

export function executionControlOf(engine: Engine): Pick<Fermata['executions'], 'start' | 'resume' | 'cancel'> {
  return {
    async start(options) {
      if (!('plan' in options)) return start(engine, options)
      const { startByPlan } = await import('./execution-plan-start.ts')
      return start(engine, await startByPlan(engine, options))
    },
    resume: (id, options = {}) => resume(engine, id, options),
    cancel: (id, options = {}) => cancel(engine, id, options),
  }
}

async function start(engine: Engine, options: StartOptions | StartByPlan): Promise<ExecutionDetails> {
  const deployment = await deploymentRow(engine, options.deploymentId)
  const blueprint = { id: deployment.blueprint_id }
  const plan = await loadPlan(engine, blueprint.id)
  const workflow = await resolveWorkflow(options.workflow, plan, blueprint.id, async (name) => {
    const planned = plan.plugins[name]
    return planned && engine.loadPlugin(planned, blueprint.id)
  })
  const parameters = workflowParameters(workflow, options.parameters ?? {}, options.allowCustomParameters ?? false)
  await engine.ownership.register()
  const tried = await thawBefore(engine, options)
  await carryOn(engine, options)
  const row: ExecutionRow = {
    id: engine.world.newId(),
    deployment_id: deployment.id,
    blueprint_id: blueprint.id,
    workflow: options.workflow,
    status: 'pending',
    parameters: JSON.stringify(parameters),
    options: JSON.stringify(
      optionsOf(options, {
        ...defaultOptions,
        ...('planDigest' in options ? { plan: options.planDigest } : {}),
      }),
    ),
    created_at: engine.world.clock.now(),
    ended_at: null,
    error: null,
    result: null,
    engine_id: engine.ownership.engineId,
  }
  await beginWhenFree(engine, row, options, tried)
  options.onStarted?.(executionRecord(row))
  await runOwned(engine, row, { isResumed: false, control: options })
  return executionDetails(engine, row.id)
}

async function beginWhenFree(
  engine: Engine,
  row: ExecutionRow,
  options: Pick<StartOptions, 'wait' | 'signal' | 'onEvent'>,
  tried: Set<string>,
): Promise<void> {
  while (!(await engine.ownership.begin(row))) {
    if (!options.wait) await engine.ownership.refuseBusy(row.deployment_id)
    await engine.world.clock.sleep(lookEvery, options.signal).catch(() => {
      throw fault('engine.cancelled')
    })
    await thawBefore(engine, options, tried)
    await carryOn(engine, options)
  }
}

/** Whoever is frozen and has nobody left waits for no other work of ours. Resolves with the executions it tried. */
async function thawBefore(
  engine: Engine,
  { onEvent }: Pick<RunControl, 'onEvent'>,
  tried = new Set<string>(),
): Promise<Set<string>> {
  await thawFirst(engine, { tried, patience: thawPatience, ...(onEvent ? { onEvent } : {}) })
  return tried
}

async function resume(engine: Engine, id: string, options: ResumeOptions): Promise<ExecutionDetails> {
  await engine.ownership.register()
  const found = await executionRow(engine, id)
  if (found.status === 'terminated') {
    throw fault('engine.not_resumable', {
      details: { id, status: 'terminated', reason: 'it ended well; start a new one' },
    })
  }
  if (await engine.ownership.isOwnedByLiving(found)) await engine.ownership.refuseBusy(found.deployment_id)
  if (options.failedOnly) await refuseUnlessSomeFailed(engine, found)
  const assumptions = await assumptionsOf(engine, id, options.assume)
  await thawBefore(engine, options)
  const row = await executionRow(engine, id)
  // Another one that a dead process left on the deployment comes first: its nodes may be frozen.
  await carryOn(engine, options, id)
  if (await engine.ownership.holder(row.deployment_id)) await engine.ownership.refuseBusy(row.deployment_id)
  if (!(await engine.ownership.takeOver(row, 'started'))) await engine.ownership.refuseBusy(row.deployment_id)
  const changed = { ...row, options: JSON.stringify(optionsOf(options, JSON.parse(row.options) as ExecutionOptions)) }
  options.onStarted?.(executionRecord({ ...changed, status: 'started' }))
  await runOwned(engine, changed, { isResumed: true, control: options, assumptions })
  return executionDetails(engine, id)
}

/** Takes over executions whose process is gone: their nodes may be frozen. Those that were being cancelled are ended. */
async function carryOn(engine: Engine, control: RunControl, except?: string): Promise<void> {
  for (const row of await engine.ownership.interrupted()) {
    if (row.id === except) continue
    if (!(await engine.ownership.takeOver(row, row.status === 'cancelling' ? 'cancelling' : 'started'))) continue
    await runOwned(engine, row, { isResumed: true, control, isCancelled: row.status === 'cancelling' })
  }
}

async function cancel(engine: Engine, id: string, options: CancelOptions): Promise<ExecutionRecord> {
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

/** Asks the process that runs it; when that is gone, thaws and ends it here. */
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

interface OwnedRun {
  readonly isResumed: boolean
  readonly control: RunControl
  readonly isCancelled?: boolean
  readonly assumptions?: Assumptions
}

async function runOwned(engine: Engine, row: ExecutionRow, run: OwnedRun): Promise<void> {
  engine.store.writeInBackground()
  const asked = new AbortController()
  const over = new AbortController()
  if (run.isCancelled || run.control.signal?.aborted) asked.abort()
  const forward = (): void => asked.abort()
  run.control.signal?.addEventListener('abort', forward, { once: true })
  const watching = watchForCancel(engine, row.id, asked, over.signal)
  try {
    await runExecution(engine, row, {
      isResumed: run.isResumed,
      signal: asked.signal,
      onEvent: run.control.onEvent,
      assumptions: run.assumptions ?? {},
    })
  } finally {
    over.abort()
    run.control.signal?.removeEventListener('abort', forward)
    await watching
    engine.ownership.release(row.id)
  }
}

async function watchForCancel(engine: Engine, id: string, asked: AbortController, over: AbortSignal): Promise<void> {
  while (!over.aborted && !asked.signal.aborted) {
    await engine.world.clock.sleep(lookForCancelEvery, over).catch(() => {})
    // A store that cannot be read just now says nothing about a cancel; the run itself will meet it.
    const status = over.aborted ? undefined : await statusOf(engine, id).catch(() => undefined)
    if (status === 'cancelling') asked.abort()
  }
}

function optionsOf(
  options: Pick<StartOptions, 'taskRetries' | 'taskRetryInterval' | 'taskThreadPoolSize'>,
  otherwise: ExecutionOptions,
): ExecutionOptions {
  return {
    ...otherwise,
    retries: options.taskRetries ?? otherwise.retries,
    retryInterval: options.taskRetryInterval ?? otherwise.retryInterval,
    pool: options.taskThreadPoolSize ?? otherwise.pool,
  }
}

async function statusOf(engine: Engine, id: string): Promise<string | undefined> {
  const [row] = await engine.store.read<{ status: string }>('select status from executions where id = ?', [id])
  return row?.status
}
