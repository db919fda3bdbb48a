// Plans an execution: the same workflow, the same plugins, the same deployment, over a store and a journal that keep nothing.
import { asFault, type Fault } from '../kernel/fault.ts'
import type { JsonObject } from '../kernel/json.ts'
import { predictFreeze } from '../lifecycle/freeze-history.ts'
import { makePlan } from '../lifecycle/plan/make-plan.ts'
import type { ExecutionPlan, PlanOptions } from '../lifecycle/plan/execution-plan.ts'
import { PlanProblems } from '../lifecycle/plan/planning.ts'
import type { Run } from '../plugins/contract/workflow.ts'
import type { Store } from '../store/store.ts'
import type { ExecutionRow } from '../store/tables.ts'
import type { World } from '../world/world.ts'
import { builtInWorkflows } from '../workflows/built-in.ts'
import type { StartOptions } from './api.ts'
import type { Engine } from './engine.ts'
import { defaultOptions, openJournal, PluginSet, siteOf } from './execution-site.ts'
import { readBasis } from './plan-basis.ts'
import { planDigest } from './plan-file.ts'
import { deploymentRow, loadPlan } from './plans.ts'
import { workflowParameters } from './workflow-parameters.ts'
import { resolveWorkflow } from './workflow-table.ts'

/** What `start` would be given, as far as it matters for what would happen. */
export type PlanQuestion = Pick<
  StartOptions,
  | 'workflow'
  | 'deploymentId'
  | 'parameters'
  | 'allowCustomParameters'
  | 'taskRetries'
  | 'taskRetryInterval'
  | 'taskThreadPoolSize'
>

/** What speaks against the run stands in the plan; only what keeps one from being made is thrown. */
export async function planExecution(engine: Engine, question: PlanQuestion): Promise<ExecutionPlan> {
  const deployment = await deploymentRow(engine, question.deploymentId)
  const plan = await loadPlan(engine, deployment.blueprint_id)
  const workflow = await resolveWorkflow(question.workflow, plan, deployment.blueprint_id, async (name) => {
    const planned = plan.plugins[name]
    return planned && engine.loadPlugin(planned, deployment.blueprint_id)
  })
  const parameters = workflowParameters(workflow, question.parameters ?? {}, question.allowCustomParameters ?? false)
  const options = optionsOf(question)
  const still = unmoved(engine)
  const row = rowOf(question, deployment.blueprint_id, options)
  const control = { isResumed: false, signal: new AbortController().signal }
  const journal = await openJournal(still, row, control)
  const problems = new PlanProblems(journal.redactor)
  const plugins = new PlanningPlugins(still, plan, deployment.blueprint_id)
  const site = await siteOf(still, row, { journal, control, plan, plugins })
  for (const problem of plugins.broken.values()) problems.error(problem)
  const nodes = site.topology.instances.map((instance) => instance.nodeId)
  const freezes = await predictFreeze(engine.store, deployment.id, nodes)
  const definition = workflow.definition as { run(run: Run, parameters: JsonObject): Promise<unknown> }
  const made = await makePlan({
    site,
    parameters,
    options,
    madeAt: engine.world.clock.now(),
    runsSteps: builtInWorkflows.includes(workflow.definition),
    predictFreeze: (nodeId) => freezes.get(nodeId) ?? null,
    problems,
    brokenPlugins: new Set(plugins.broken.keys()),
    run: (run) => definition.run(run, parameters),
    basis: (seen) => readBasis(engine, deployment.id, seen),
  })
  return { ...made, digest: planDigest(made) }
}

function optionsOf(question: PlanQuestion): PlanOptions {
  return {
    taskRetries: question.taskRetries ?? defaultOptions.retries,
    taskRetryInterval: question.taskRetryInterval ?? defaultOptions.retryInterval,
    taskThreadPoolSize: question.taskThreadPoolSize ?? defaultOptions.pool,
  }
}

/** No execution has this id, so nothing of the past belongs to it. */
function rowOf(question: PlanQuestion, blueprintId: string, options: PlanOptions): ExecutionRow {
  const { taskRetries: retries, taskRetryInterval: retryInterval, taskThreadPoolSize: pool } = options
  return {
    id: 'plan',
    deployment_id: question.deploymentId,
    blueprint_id: blueprintId,
    workflow: question.workflow,
    status: 'pending',
    parameters: '{}',
    options: JSON.stringify({ retries, retryInterval, pool }),
    created_at: 0,
    ended_at: null,
    error: null,
    result: null,
    engine_id: null,
  }
}

/** The same engine, except that nothing stays of what is done with it. */
function unmoved(engine: Engine): Engine {
  const { home } = engine
  // What is only read needs no folder made.
  const pluginState = async (deploymentId: string, plugin: string): Promise<string> =>
    home.pluginFolder(deploymentId, plugin)
  return {
    ...engine,
    store: unchanged(engine.store),
    world: unkilled(engine.world),
    home: { ...home, pluginState },
  }
}

function unchanged(store: Store): Store {
  return {
    get query() {
      return store.query
    },
    read: (sql, parameters) => store.read(sql, parameters),
    async commit() {},
    writeInBackground() {},
    schemaVersion: store.schemaVersion,
    bytes: () => store.bytes(),
    async close() {},
  }
}

/** Where nothing is half done nobody dies. */
function unkilled({ clock, newId, randomText }: World): World {
  return { clock, newId, randomText }
}

/** A run ends when one of its plugins cannot be loaded; a plan tells of it and goes on. */
class PlanningPlugins extends PluginSet {
  readonly broken = new Map<string, Fault>()

  override async loadAll(names: readonly string[]): Promise<void> {
    for (const name of new Set(names))
      await this.load(name).catch((thrown: unknown) => void this.broken.set(name, asFault(thrown)))
  }
}
