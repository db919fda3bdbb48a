// Starting executions; resuming and cancelling them have files of their own.
import { fault } from '../kernel/fault.ts'
import type { ExecutionRow } from '../store/tables.ts'
import type { ExecutionDetails, Fermata, StartOptions } from './api.ts'
import { cancelExecution } from './cancel-execution.ts'
import { carryOn, lookEvery, thawBefore } from './carry-on.ts'
import type { Engine } from './engine.ts'
import { executionDetails } from './execution-queries.ts'
import type { StartByPlan } from './execution-plan-start.ts'
import { defaultOptions } from './execution-site.ts'
import { runOwned } from './owned-run.ts'
import { checkNotify, notifyOf } from './notify.ts'
import { deploymentRow, loadPlan } from './plans.ts'
import { resumeExecution } from './resume-execution.ts'
import { executionRecord } from './rows.ts'
import { optionsOf } from './run-options.ts'
import { resolveWorkflow } from './workflow-table.ts'
import { workflowParameters } from './workflow-parameters.ts'

export function executionControlOf(engine: Engine): Pick<Fermata['executions'], 'start' | 'resume' | 'cancel'> {
  return {
    async start(options) {
      if (!('plan' in options)) return start(engine, options)
      const { startByPlan } = await import('./execution-plan-start.ts')
      return start(engine, await startByPlan(engine, options))
    },
    resume: (id, options = {}) => resumeExecution(engine, id, options),
    cancel: (id, options = {}) => cancelExecution(engine, id, options),
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
  const notify = notifyOf(workflow.definition, parameters, options.notify)
  await checkNotify(engine, notify)
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
      optionsOf(
        { ...options, ...(notify === undefined ? {} : { notify }) },
        {
          ...defaultOptions,
          ...('planDigest' in options ? { plan: options.planDigest } : {}),
        },
      ),
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
