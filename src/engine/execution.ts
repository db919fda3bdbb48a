// Runs one execution that is ours to its end: loads what it needs, hands the workflow its Run, and records the outcome.
import { asFault, fault, type Fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { logEvent, workflowEvent } from '../lifecycle/events.ts'
import type { Journal } from '../lifecycle/journal.ts'
import { onAbort } from '../lifecycle/on-abort.ts'
import { createRun } from '../lifecycle/run.ts'
import type { Run } from '../plugins/contract/workflow.ts'
import type { ExecutionRow } from '../store/tables.ts'
import { assume } from './assume.ts'
import type { Engine } from './engine.ts'
import { openJournal, pastOf, PluginSet, siteOf, type ExecutionControl } from './execution-site.ts'
import { mailOf } from './notify.ts'
import { loadPlan } from './plans.ts'
import { resolveWorkflow } from './workflow-table.ts'

export async function runExecution(engine: Engine, row: ExecutionRow, control: ExecutionControl): Promise<void> {
  const journal = await openJournal(engine, row, control)
  const opening = control.isResumed ? 'Resuming' : 'Starting'
  journal.event(workflowEvent('workflow_started', `${opening} '${row.workflow}' workflow execution`))
  const { isResumed } = control
  journal.trace({ type: 'execution.started', workflow: row.workflow, isResumed, engine: engine.ownership.engineId })
  assume(journal, control.assumptions ?? {})
  const forget = onAbort(control.signal, () => journal.trace({ type: 'execution.cancelled' }))
  const started = "update executions set status = 'started' where id = ? and status = 'pending'"
  journal.write({ sql: started, rows: [[row.id]] })
  let result: Json = null
  let problem: Fault | undefined
  try {
    await journal.flush()
    await engine.world.point?.('execution.loaded')
    result = await runWorkflow(engine, row, journal, control)
  } catch (thrown) {
    problem = control.signal.aborted ? fault('engine.cancelled', { cause: thrown }) : asFault(thrown)
  }
  forget()
  await engine.world.point?.('execution.finished')
  await recordEnd(engine, row, journal, result, problem)
  await engine.world.point?.('execution.recorded')
}

async function runWorkflow(
  engine: Engine,
  row: ExecutionRow,
  journal: Journal,
  control: ExecutionControl,
): Promise<Json> {
  const plan = await loadPlan(engine, row.blueprint_id)
  const plugins = new PluginSet(engine, plan, row.blueprint_id)
  const workflow = await resolveWorkflow(row.workflow, plan, row.blueprint_id, (name) => plugins.load(name))
  const site = await siteOf(engine, row, { journal, control, plan, plugins })
  const run = createRun(site, await pastOf(engine, row))
  const definition = workflow.definition as { run(run: Run, parameters: JsonObject): Promise<Json | void> }
  return (await definition.run(run, JSON.parse(row.parameters) as JsonObject)) ?? null
}

async function recordEnd(
  engine: Engine,
  row: ExecutionRow,
  journal: Journal,
  result: Json,
  problem: Fault | undefined,
): Promise<void> {
  const quoted = `'${row.workflow}' workflow execution`
  if (problem?.code === 'engine.unexpected' && problem.cause instanceof Error) {
    journal.event(logEvent('DEBUG', problem.cause.stack ?? problem.cause.message))
  }
  if (!problem) journal.event(workflowEvent('workflow_succeeded', `${quoted} succeeded`))
  else if (problem.code === 'engine.cancelled')
    journal.event(workflowEvent('workflow_cancelled', `${quoted} cancelled`))
  else journal.event(workflowEvent('workflow_failed', `${quoted} failed: ${problem.message}`))
  const status = !problem ? 'terminated' : problem.code === 'engine.cancelled' ? 'cancelled' : 'failed'
  journal.trace({ type: 'execution.ended', status })
  const endedAt = engine.world.clock.now()
  const error = problem ? JSON.stringify(journal.redactor.json(problem.toJSON())) : null
  const written = result === null ? null : JSON.stringify(journal.redactor.json(result))
  const mail = await mailOf(engine, row, { status, endedAt, result, problem }, journal.redactor).catch(
    (thrown: unknown) => {
      // The end is owed whatever becomes of the mail about it.
      journal.event(logEvent('WARNING', `no mail is sent: ${asFault(thrown).message}`))
      return undefined
    },
  )
  if (mail) journal.write(mail)
  const ended = 'update executions set status = ?, ended_at = ?, error = ?, result = ?, engine_id = null where id = ?'
  journal.write({ sql: ended, rows: [[status, endedAt, error, written, row.id]] })
  await journal.flush()
}
