// What an execution runs on, loaded from the store: its journal, its site, its plugins, what an earlier process left.
import PQueue from 'p-queue'
import type { Plan } from '../blueprint/plan.ts'
import { Redactor } from '../kernel/secret.ts'
import { Journal } from '../lifecycle/journal.ts'
import type { Past } from '../lifecycle/run.ts'
import type { Site } from '../lifecycle/site.ts'
import { Topology } from '../lifecycle/topology.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'
import type { EventRow, ExecutionRow, FreezeRow, NodeInstanceRow, StepRow } from '../store/tables.ts'
import type { EventRecord } from './api.ts'
import type { Assumptions } from './assume.ts'
import { capabilityReader } from './capabilities.ts'
import type { Engine } from './engine.ts'
import { evaluator } from './evaluator.ts'
import { namespacedFile } from './namespaced-file.ts'
import type { Notify } from './mail-api.ts'
import { blueprintRow, loadPrepared } from './plans.ts'
import { pluginFile } from './plugin-files.ts'
import { eventRecord } from './rows.ts'

export interface ExecutionOptions {
  /** -1: no limit. */
  readonly retries: number
  /** Milliseconds. */
  readonly retryInterval: number
  readonly pool: number
  /** Digest of the plan that it was started by. */
  readonly plan?: string
  readonly notify?: Notify
}

export const defaultOptions: ExecutionOptions = { retries: 0, retryInterval: 1000, pool: 8 }

export interface ExecutionControl {
  readonly isResumed: boolean
  readonly signal: AbortSignal
  readonly onEvent?: ((event: EventRecord) => void) | undefined
  /** What a person said of operations in doubt. */
  readonly assumptions?: Assumptions
}

/** Default lease where a node carries a deadman, in milliseconds. */
const defaultLease = 30_000

export interface SiteParts {
  readonly journal: Journal
  readonly control: ExecutionControl
  readonly plan: Plan
  readonly plugins: PluginSet
}

export async function siteOf(engine: Engine, row: ExecutionRow, parts: SiteParts): Promise<Site> {
  const { store, world, home } = engine
  const options = JSON.parse(row.options) as ExecutionOptions
  const prepared = await loadPrepared(engine, row.deployment_id)
  const ofDeployment = 'select * from node_instances where deployment_id = ?'
  const rows = await store.read<NodeInstanceRow>(ofDeployment, [row.deployment_id])
  const topology = new Topology(row.deployment_id, prepared, rows, [parts.plan.scalingGroups, parts.plan.groups])
  const ofBlueprint = 'select id, digest from blueprints where id = ?'
  const [known] = await store.read<Site['blueprint']>(ofBlueprint, [row.blueprint_id])
  const blueprint = known ?? (await blueprintRow(engine, row.blueprint_id))
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
export class PluginSet {
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

export async function openJournal(engine: Engine, row: ExecutionRow, control: ExecutionControl): Promise<Journal> {
  const { store } = engine
  const steps = await store.read<StepRow>('select * from steps where execution_id = ?', [row.id])
  const ofEvents = 'select max(sequence) as sequence from events where execution_id = ?'
  const [last] = await store.read<{ sequence: number | null }>(ofEvents, [row.id])
  const ofTraces = 'select max(batch) as batch from traces where execution_id = ?'
  const [batches] = await store.read<{ batch: number | null }>(ofTraces, [row.id])
  const { onEvent } = control
  return new Journal({
    executionId: row.id,
    world: engine.world,
    redactor: new Redactor(),
    commit: (writes) => store.commit(writes),
    steps,
    lastSequence: last?.sequence ?? 0,
    lastBatch: batches?.batch ?? 0,
    onEvents:
      onEvent &&
      ((events: readonly EventRow[]) => events.forEach((event) => onEvent(eventRecord(event, row.deployment_id)))),
  })
}

// Lines of the workflow itself, in the form in which the run remembers what was said.
export async function pastOf(engine: Engine, row: ExecutionRow): Promise<Past> {
  const { store } = engine
  const freezes = await store.read<FreezeRow>('select * from freezes where execution_id = ?', [row.id])
  const sql = `select level, instance_id, message from events where execution_id = ? and operation is null
    and kind in ('log', 'workflow_stage', 'workflow_node_event')`
  const events = await store.read<Pick<EventRow, 'level' | 'instance_id' | 'message'>>(sql, [row.id])
  return { freezes, lines: events.map((event) => `${event.level ?? event.instance_id ?? ''} ${event.message}`) }
}
