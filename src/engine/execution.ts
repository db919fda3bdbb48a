// Runs one execution that is ours to its end: loads what it needs, hands the workflow its Run, and records the outcome.
import PQueue from 'p-queue'
import type { Plan } from '../blueprint/plan.ts'
import { asFault, fault, type Fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { Redactor } from '../kernel/secret.ts'
import { logEvent, workflowEvent } from '../lifecycle/events.ts'
import { Journal } from '../lifecycle/journal.ts'
import { onAbort } from '../lifecycle/on-abort.ts'
import { createRun, type Past } from '../lifecycle/run.ts'
import type { Site } from '../lifecycle/site.ts'
import { Topology } from '../lifecycle/topology.ts'
import type { Run } from '../plugins/contract/workflow.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'
import { write } from '../store/store.ts'
import type { EventRow, ExecutionRow } from '../store/tables.ts'
import type { EventRecord } from './api.ts'
import { capabilityReader } from './capabilities.ts'
import type { Engine } from './engine.ts'
import { evaluator } from './evaluator.ts'
import { namespacedFile } from './namespaced-file.ts'
import { loadPlan, loadPrepared } from './plans.ts'
import { pluginFile } from './plugin-files.ts'
import { eventRecord } from './rows.ts'
import { resolveWorkflow } from './workflow-table.ts'

export interface ExecutionOptions {
  /** -1: no limit. */
  readonly retries: number
  /** Milliseconds. */
  readonly retryInterval: number
  readonly pool: number
}

export interface ExecutionControl {
  readonly isResumed: boolean
  readonly signal: AbortSignal
  readonly onEvent?: ((event: EventRecord) => void) | undefined
}

/** Default lease where a node carries a deadman, in milliseconds. */
const defaultLease = 30_000

export async function runExecution(engine: Engine, row: ExecutionRow, control: ExecutionControl): Promise<void> {
  const journal = await openJournal(engine, row, control)
  const opening = control.isResumed ? 'Resuming' : 'Starting'
  journal.event(workflowEvent('workflow_started', `${opening} '${row.workflow}' workflow execution`))
  const { isResumed } = control
  journal.trace({ type: 'execution.started', workflow: row.workflow, isResumed, engine: engine.ownership.engineId })
  const forget = onAbort(control.signal, () => journal.trace({ type: 'execution.cancelled' }))
  journal.write(
    write(
      engine.store.query
        .updateTable('executions')
        .set({ status: 'started' })
        .where('id', '=', row.id)
        .where('status', '=', 'pending'),
    ),
  )
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

interface SiteParts {
  readonly journal: Journal
  readonly control: ExecutionControl
  readonly plan: Plan
  readonly plugins: PluginSet
}

async function siteOf(engine: Engine, row: ExecutionRow, parts: SiteParts): Promise<Site> {
  const { store, world, home } = engine
  const options = JSON.parse(row.options) as ExecutionOptions
  const prepared = await loadPrepared(engine, row.deployment_id)
  const rows = await store.query
    .selectFrom('node_instances')
    .selectAll()
    .where('deployment_id', '=', row.deployment_id)
    .execute()
  const topology = new Topology(row.deployment_id, prepared, rows)
  const blueprint = await store.query
    .selectFrom('blueprints')
    .select(['id', 'digest'])
    .where('id', '=', row.blueprint_id)
    .executeTakeFirstOrThrow()
  await parts.plugins.loadAll(topology.pluginNames)
  const folders = new Map<string, Promise<string>>()
  const secret: Site['secret'] = async (name) => {
    const value = await engine.secrets.reveal(name)
    parts.journal.redactor.add(value.reveal())
    return value
  }
  return {
    execution: { id: row.id, workflow: row.workflow, isResumed: parts.control.isResumed },
    deployment: { id: row.deployment_id },
    blueprint,
    topology,
    journal: parts.journal,
    store,
    world,
    slots: new PQueue({ concurrency: options.pool }),
    window: Math.max(512, 4 * options.pool),
    retries: { retries: options.retries, interval: options.retryInterval },
    lease: defaultLease,
    signal: parts.control.signal,
    findOperation(plugin, operation) {
      const operations = parts.plugins.get(plugin)?.operations ?? {}
      return Object.hasOwn(operations, operation) ? operations[operation] : undefined
    },
    stateDirectory(plugin) {
      const folder = folders.get(plugin) ?? home.pluginState(row.deployment_id, plugin)
      folders.set(plugin, folder)
      return folder
    },
    async blueprintFile(path) {
      if (path.startsWith('plugin:')) return pluginFile(home, parts.plan, path, row.blueprint_id)
      return namespacedFile(home, parts.plan, row.blueprint_id, path)
    },
    secret,
    evaluate: evaluator({
      prepared,
      plan: parts.plan,
      topology,
      secret,
      capability: capabilityReader(engine, secret),
      deployment: { id: row.deployment_id, blueprintId: row.blueprint_id },
    }),
  }
}

/** The plugins of one blueprint, loaded when first asked for. */
class PluginSet {
  readonly #engine: Engine
  readonly #plan: Plan
  readonly #blueprintId: string
  readonly #loaded = new Map<string, Plugin | undefined>()

  constructor(engine: Engine, plan: Plan, blueprintId: string) {
    this.#engine = engine
    this.#plan = plan
    this.#blueprintId = blueprintId
  }

  async load(name: string): Promise<Plugin | undefined> {
    if (!this.#loaded.has(name)) {
      const planned = this.#plan.plugins[name]
      this.#loaded.set(name, planned && (await this.#engine.loadPlugin(planned, this.#blueprintId)))
    }
    return this.#loaded.get(name)
  }

  async loadAll(names: readonly string[]): Promise<void> {
    for (const name of new Set(names)) await this.load(name)
  }

  get(name: string): Plugin | undefined {
    return this.#loaded.get(name)
  }
}

async function openJournal(engine: Engine, row: ExecutionRow, control: ExecutionControl): Promise<Journal> {
  const { query } = engine.store
  const steps = await query.selectFrom('steps').selectAll().where('execution_id', '=', row.id).execute()
  const last = await query
    .selectFrom('events')
    .select((of) => of.fn.max('sequence').as('sequence'))
    .where('execution_id', '=', row.id)
    .executeTakeFirst()
  const batches = await query
    .selectFrom('traces')
    .select((of) => of.fn.max('batch').as('batch'))
    .where('execution_id', '=', row.id)
    .executeTakeFirst()
  const { onEvent } = control
  return new Journal({
    executionId: row.id,
    world: engine.world,
    redactor: new Redactor(),
    commit: (writes) => engine.store.commit(writes),
    steps,
    lastSequence: last?.sequence ?? 0,
    lastBatch: batches?.batch ?? 0,
    onEvents:
      onEvent &&
      ((events: readonly EventRow[]) => events.forEach((event) => onEvent(eventRecord(event, row.deployment_id)))),
  })
}

// Lines of the workflow itself, in the form in which the run remembers what was said.
async function pastOf(engine: Engine, row: ExecutionRow): Promise<Past> {
  const { query } = engine.store
  const freezes = await query.selectFrom('freezes').selectAll().where('execution_id', '=', row.id).execute()
  const kinds = ['log', 'workflow_stage', 'workflow_node_event']
  const events = await query
    .selectFrom('events')
    .select(['kind', 'level', 'instance_id', 'message'])
    .where('execution_id', '=', row.id)
    .where('kind', 'in', kinds)
    .where('operation', 'is', null)
    .execute()
  return { freezes, lines: events.map((event) => `${event.level ?? event.instance_id ?? ''} ${event.message}`) }
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
  const end = {
    status,
    ended_at: engine.world.clock.now(),
    error: problem ? JSON.stringify(journal.redactor.json(problem.toJSON())) : null,
    result: result === null ? null : JSON.stringify(journal.redactor.json(result)),
    engine_id: null,
  }
  journal.write(write(engine.store.query.updateTable('executions').set(end).where('id', '=', row.id)))
  await journal.flush()
}
