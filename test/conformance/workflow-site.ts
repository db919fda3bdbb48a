// Runs workflows on a small blueprint whose operations only note when they begin and when they end. The lifecycle, the
// journal and the store are the real ones.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PQueue from 'p-queue'
import type { Deployment } from '../../src/blueprint/plan.ts'
import { resolveWorkflow } from '../../src/engine/workflow-table.ts'
import { workflowParameters } from '../../src/engine/workflow-parameters.ts'
import { fault } from '../../src/kernel/fault.ts'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { Redactor } from '../../src/kernel/secret.ts'
import { Journal } from '../../src/lifecycle/journal.ts'
import { createRun } from '../../src/lifecycle/run.ts'
import type { Site } from '../../src/lifecycle/site.ts'
import { Topology } from '../../src/lifecycle/topology.ts'
import type { OperationContext } from '../../src/plugins/contract/context.ts'
import { operation, type PluginOperation } from '../../src/plugins/contract/operation.ts'
import type { Run } from '../../src/plugins/contract/workflow.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Store } from '../../src/store/store.ts'
import { realWorld } from '../../src/world/real-world.ts'

/** One operation or one change of state. `began` and `ended` are places on one line that all of them share. */
export interface Noted {
  /** `vm create`, `db preconfigure source vm`, `vm =started`, with ids of instances. */
  readonly name: string
  readonly inputs: JsonObject
  readonly began: number
  ended: number
}

export class WorkflowSite implements AsyncDisposable {
  readonly topology: Topology
  readonly #deployment: Deployment
  readonly #store: Store
  readonly #folder: string
  readonly #noted: Noted[] = []
  #moment = 0
  #executions = 0

  private constructor(deployment: Deployment, store: Store, folder: string) {
    this.#deployment = deployment
    this.#store = store
    this.#folder = folder
    const rows = deployment.instances.map(({ id, nodeId }) => ({
      deployment_id: 'd',
      id,
      node_id: nodeId,
      state: 'uninitialized',
      runtime_properties: '{}',
    }))
    this.topology = new Topology('d', deployment, rows)
  }

  static async open(deployment: Deployment): Promise<WorkflowSite> {
    const folder = await mkdtemp(join(tmpdir(), 'fermata-records-'))
    return new WorkflowSite(deployment, openSqliteStore(join(folder, 'store.db')), folder)
  }

  /** Everything that one execution of the workflow did, in the order in which it began. */
  async run(name: string, given: JsonObject): Promise<readonly Noted[]> {
    const workflow = await resolveWorkflow(name, this.#deployment.plan, 'b', async () => undefined)
    const parameters = workflowParameters(workflow, given, false)
    const from = this.#noted.length
    const run = createRun(this.#site(name), { freezes: [], lines: [] })
    const watched: Run = {
      ...run,
      setState: (member, state) => this.#note(`${member.id} =${state}`, {}, () => run.setState(member, state)),
    }
    const definition = workflow.definition as unknown as { run(run: Run, parameters: JsonObject): Promise<Json> }
    await definition.run(watched, parameters)
    return this.#noted.slice(from)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  #site(workflow: string): Site {
    this.#executions += 1
    const id = `execution-${this.#executions}`
    const world = realWorld()
    const journal = new Journal({
      executionId: id,
      world,
      redactor: new Redactor(),
      commit: (writes) => this.#store.commit(writes),
      steps: [],
      lastSequence: 0,
      lastBatch: 0,
    })
    return {
      execution: { id, workflow, isResumed: false },
      deployment: { id: 'd' },
      blueprint: { id: 'b', digest: 'digest' },
      topology: this.topology,
      journal,
      store: this.#store,
      world,
      slots: new PQueue({ concurrency: 64 }),
      window: 256,
      retries: { retries: 0, interval: 1000 },
      lease: 600_000,
      signal: new AbortController().signal,
      findOperation: (plugin) => (plugin === 'p' ? this.#operation : undefined),
      stateDirectory: async () => this.#folder,
      blueprintFile: async (path) => {
        throw fault('script.not_found', { details: { path, blueprint: 'b' } })
      },
      secret: async (secret) => {
        throw fault('secret.missing', { details: { name: secret } })
      },
      evaluate: async (value) => value,
    }
  }

  readonly #operation: PluginOperation = operation({
    run: (ctx, inputs) => this.#note(nameOf(ctx), inputs as JsonObject, () => turns(1 + (this.#moment % 5))),
  })

  async #note(name: string, inputs: JsonObject, work: () => Promise<void>): Promise<void> {
    const noted: Noted = { name, inputs, began: (this.#moment += 1), ended: Infinity }
    this.#noted.push(noted)
    await work()
    noted.ended = this.#moment += 1
  }
}

/** Lets everything else go on for a while, a little longer here and shorter there: who need not wait overtakes. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

function nameOf(ctx: OperationContext): string {
  const operationName = ctx.operation.name
  const { relationship } = ctx
  if (relationship === undefined) return `${ctx.instance.id} ${operationName}`
  const { source, target } = relationship
  const end = ctx.instance.id === source.instance.id ? 'source' : 'target'
  return `${ctx.instance.id} ${operationName} ${end} ${end === 'source' ? target.instance.id : source.instance.id}`
}
