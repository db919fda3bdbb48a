// What an execution runs on, loaded from the store: its journal, its site, its plugins, what an earlier process left.
import PQueue from 'p-queue'
import type { Plan } from '../blueprint/plan.ts'
import { Redactor } from '../kernel/secret.ts'
import { Journal } from '../lifecycle/journal.ts'
import type { Past } from '../lifecycle/run.ts'
import type { Site } from '../lifecycle/site.ts'
import { Topology } from '../lifecycle/topology.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'
import type { EventRow, ExecutionRow } from '../store/tables.ts'
import type { EventRecord } from './api.ts'
import type { Assumptions } from './assume.ts'
import { capabilityReader } from './capabilities.ts'
import type { Engine } from './engine.ts'
import { evaluator } from './evaluator.ts'
import { namespacedFile } from './namespaced-file.ts'
import type { Notify } from './mail-api.ts'
import { loadPrepared } from './plans.ts'
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
  const rows = await store.query
    .selectFrom('node_instances')
    .selectAll()
    .where('deployment_id', '=', row.deployment_id)
    .execute()
  const topology = new Topology(row.deployment_id, prepared, rows, [parts.plan.scalingGroups, parts.plan.groups])
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
export async function pastOf(engine: Engine, row: ExecutionRow): Promise<Past> {
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
