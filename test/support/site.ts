// Builds a Site over a real store in a folder of its own, for tests of the lifecycle without blueprints and plugins.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PQueue from 'p-queue'
import type { PlannedNode, PlannedOperation } from '../../src/blueprint/plan.ts'
import { fault } from '../../src/kernel/fault.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { Redactor } from '../../src/kernel/secret.ts'
import { Journal } from '../../src/lifecycle/journal.ts'
import { createRun } from '../../src/lifecycle/run.ts'
import type { Site } from '../../src/lifecycle/site.ts'
import { Topology } from '../../src/lifecycle/topology.ts'
import type { Facts } from '../../src/report/oracle/facts.ts'
import type { PluginOperation } from '../../src/plugins/contract/operation.ts'
import type { Run } from '../../src/plugins/contract/workflow.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Store, Write } from '../../src/store/store.ts'
import type { EventRow } from '../../src/store/tables.ts'
import { realWorld } from '../../src/world/real-world.ts'
import { expectKeptIn } from './kept-promises.ts'
import type { World } from '../../src/world/world.ts'

export interface NodeSketch {
  readonly id: string
  readonly isCompute?: boolean
  readonly dependsOn?: readonly string[]
  /** Interface operation -> key in `operations`. */
  readonly operations: Readonly<Record<string, string>>
  readonly properties?: JsonObject
  /** The node that hosts it. A compute hosts itself. */
  readonly host?: string
}

export interface SiteOptions {
  readonly nodes: readonly NodeSketch[]
  readonly operations: Readonly<Record<string, PluginOperation>>
  readonly world?: World
  readonly retries?: { readonly retries: number; readonly interval: number }
  readonly signal?: AbortSignal
  readonly lease?: number
  /** How many operations may run at once; default 8. */
  readonly pool?: number
  /** Changes every planned operation: timeouts, retries. */
  readonly planned?: Partial<PlannedOperation>
  /** Stands between the journal and the store: to record commits, or to lose the store. */
  readonly commit?: (writes: readonly Write[], store: Store) => Promise<void>
  /** What an earlier process had committed before it died. */
  readonly past?: readonly (readonly Write[])[]
  readonly redactor?: Redactor
  /** Why the promises are not checked when the site is put away: only where a test tampers with the log or its store. */
  readonly isUnchecked?: string
  /** Groups of the blueprint: name -> nodes or other groups. */
  readonly groups?: Readonly<Record<string, readonly string[]>>
}

export interface TestSite extends AsyncDisposable {
  readonly store: Store
  readonly site: Site
  readonly events: EventRow[]
  readonly run: Run
  /** A new run of the same execution over the same store, as after a crash. */
  again(options?: Partial<SiteOptions>): Promise<TestSite>
}

export async function testSite(options: SiteOptions): Promise<TestSite> {
  const folder = await mkdtemp(join(tmpdir(), 'fermata-site-'))
  const store = openSqliteStore(join(folder, 'store.db'))
  for (const writes of options.past ?? []) await store.commit(writes)
  return siteOver(store, options, async () => {
    try {
      if (options.isUnchecked === undefined) await expectKeptIn(store, factsOf(options.nodes))
    } finally {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
}

async function siteOver(store: Store, options: SiteOptions, dispose: () => Promise<void>): Promise<TestSite> {
  const world = options.world ?? realWorld()
  const events: EventRow[] = []
  const executionId = 'execution-1'
  const nodes = options.nodes.map((sketch) => nodeOf(sketch, options.planned))
  const instances = nodes.map((node) => ({
    id: node.id,
    nodeId: node.id,
    index: 1,
    hostId: hostOf(options.nodes, node.id),
    scalingGroups: [],
    relationships: node.relationships.map((relationship, position) => ({
      type: relationship.type,
      position,
      targetNodeId: relationship.target,
      targetId: relationship.target,
    })),
  }))
  const rows = nodes.map((node) => ({
    deployment_id: 'd',
    id: node.id,
    node_id: node.id,
    state: 'started',
    runtime_properties: '{}',
  }))
  const steps = await store.query.selectFrom('steps').selectAll().execute()
  const freezes = await store.query.selectFrom('freezes').selectAll().execute()
  const last = await store.query
    .selectFrom('events')
    .select((of) => of.fn.max('sequence').as('sequence'))
    .executeTakeFirst()
  const batches = await store.query
    .selectFrom('traces')
    .select((of) => of.fn.max('batch').as('batch'))
    .executeTakeFirst()
  const journal = new Journal({
    executionId,
    world,
    redactor: options.redactor ?? new Redactor(),
    commit: (writes) => (options.commit ? options.commit(writes, store) : store.commit(writes)),
    steps,
    lastSequence: last?.sequence ?? 0,
    lastBatch: batches?.batch ?? 0,
    onEvents: (batch) => void events.push(...batch),
  })
  // Each process is a life of its own in the log; this goes to disk with whatever comes first.
  const isResumed = (batches?.batch ?? 0) > 0
  if (isResumed) journal.trace({ type: 'execution.started', workflow: 'test', isResumed, engine: 'test' })
  const site: Site = {
    execution: { id: executionId, workflow: 'test', isResumed: steps.length > 0 },
    deployment: { id: 'd' },
    blueprint: { id: 'b', digest: 'digest' },
    topology: new Topology('d', { nodes, instances }, rows, [groupsSection(options.groups ?? {})]),
    journal,
    store,
    world,
    slots: new PQueue({ concurrency: options.pool ?? 8 }),
    window: 256,
    retries: options.retries ?? { retries: 0, interval: 1000 },
    lease: options.lease ?? 30_000,
    signal: options.signal ?? new AbortController().signal,
    findOperation: (_plugin, operation) => options.operations[operation],
    stateDirectory: async () => tmpdir(),
    blueprintFile: async (path) => {
      throw fault('script.not_found', { details: { path, blueprint: 'b' } })
    },
    secret: async (name) => {
      throw fault('secret.missing', { details: { name } })
    },
    evaluate: async (value) => value,
  }
  return {
    store,
    site,
    events,
    run: createRun(site, { freezes, lines: [] }),
    again: (changed = {}) => siteOver(store, { ...options, ...changed }, async () => {}),
    [Symbol.asyncDispose]: dispose,
  }
}

function factsOf(nodes: readonly NodeSketch[]): Facts {
  return { dependencies: Object.fromEntries(nodes.map(({ id, dependsOn }) => [id, dependsOn ?? []])) }
}

function hostOf(sketches: readonly NodeSketch[], id: string): string | null {
  const sketch = sketches.find((other) => other.id === id)
  return sketch?.host ?? (sketch?.isCompute ? id : null)
}

function groupsSection(groups: Readonly<Record<string, readonly string[]>>): JsonObject {
  return Object.fromEntries(Object.entries(groups).map(([name, members]) => [name, { members: [...members] }]))
}

function nodeOf(sketch: NodeSketch, planned: Partial<PlannedOperation> = {}): PlannedNode {
  const type = sketch.isCompute ? 'cloudify.nodes.Compute' : 'cloudify.nodes.ApplicationModule'
  return {
    id: sketch.id,
    type,
    typeHierarchy: ['cloudify.nodes.Root', type],
    properties: sketch.properties ?? {},
    operations: Object.fromEntries(
      Object.entries(sketch.operations).map(([name, operation]) => [
        name,
        { ...plannedOperation(operation), ...planned },
      ]),
    ),
    relationships: (sketch.dependsOn ?? []).map((target) => ({
      type: 'cloudify.relationships.depends_on',
      typeHierarchy: ['cloudify.relationships.depends_on'],
      target,
      properties: {},
      sourceOperations: {},
      targetOperations: {},
    })),
    instances: { default: 1, min: 0, max: -1 },
    hostId: null,
    plugins: ['test'],
  }
}

function plannedOperation(operation: string): PlannedOperation {
  return {
    plugin: 'test',
    operation,
    executor: null,
    inputs: {},
    hasIntrinsicFunctions: false,
    maxRetries: null,
    retryInterval: null,
    timeout: null,
    timeoutRecoverable: null,
  }
}
