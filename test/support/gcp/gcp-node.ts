// A node whose project is the fake: its operations called as the engine would, each piece of work with a key of its own.
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import type { CutOperation, Part, PluginOperation, Receipt } from '../../../src/plugins/contract/operation.ts'
import plugin from '../../../src/plugins/gcp/plugin.ts'
import {
  operationContext,
  subject,
  type OperationContextOptions,
  type TestContext,
  type TestSubject,
} from '../operation-context.ts'
import { shortWorld } from '../short-world.ts'
import type { FakeGcp } from '../../../src/testing/gcp/fake-gcp.ts'

export interface NodeCall {
  /** Names the piece of work; calls with the same one are attempts of the same. */
  readonly work?: string
  readonly inputs?: JsonObject
  readonly part?: Json
  readonly signal?: AbortSignal
  /** Not the first attempt: what an earlier one made is looked for. */
  readonly isAgain?: boolean
  readonly options?: OperationContextOptions
}

export class GcpNode {
  readonly runtime: Record<string, Json>
  readonly #cloud: FakeGcp
  readonly #task: string
  readonly #type: string
  readonly #properties: JsonObject
  readonly #contexts: TestContext[] = []

  /** `task`: what its operations begin with, after `cloudify_gcp.compute.`. */
  constructor(
    cloud: FakeGcp,
    type: string,
    task: string,
    properties: JsonObject = {},
    runtime: Record<string, Json> = {},
  ) {
    this.#cloud = cloud
    this.#type = type
    this.#task = task
    this.#properties = properties
    this.runtime = runtime
  }

  get lines(): readonly string[] {
    return this.#contexts.flatMap(({ lines }) => lines)
  }

  /** As the end of a relationship. */
  get end(): TestSubject {
    return subject({ id: 'node', type: this.#type }, { id: 'node_x1y2z3', runtimeProperties: this.runtime })
  }

  async call(name: string, call: NodeCall = {}): Promise<Json> {
    const operation = this.#operation(name)
    if (operation.kind !== 'run') throw new Error(`${name} does not run in one piece`)
    return (await operation.run(this.#context(name, call), { ...call.inputs })) ?? null
  }

  async cut(backup: string, inputs: JsonObject = {}, call: NodeCall = {}): Promise<Receipt> {
    const ctx = this.#context('snapshot_create', { work: backup, ...call })
    return kept(await this.#creating().cut(ctx, inputsOf(backup, inputs)))
  }

  async settle(backup: string, receipt: Receipt, inputs: JsonObject = {}): Promise<Part> {
    const ctx = this.#context('snapshot_create', { work: backup })
    return kept(await this.#creating().settle(ctx, receipt, inputsOf(backup, inputs)))
  }

  async save(backup: string, inputs: JsonObject = {}): Promise<Part> {
    return this.settle(backup, await this.cut(backup, inputs), inputs)
  }

  async check(inputs: JsonObject = {}): Promise<void> {
    await this.#creating().check?.(this.#context('snapshot_create', {}), inputsOf('checked', inputs))
  }

  async verify(part: Part) {
    return this.#creating().verify?.(this.#context('snapshot_create', {}), part)
  }

  apply(part: Part, call: NodeCall = {}): Promise<Json> {
    return this.call('snapshot_apply', { work: 'apply', part, ...call })
  }

  /** What a cut made of which nobody knows. */
  undo(backup: string): Promise<Json> {
    return this.call('snapshot_delete', { work: backup, inputs: { snapshot_name: backup } })
  }

  async cleanUp(): Promise<void> {
    for (const ctx of this.#contexts) await ctx.cleanUp()
  }

  #operation(name: string): PluginOperation {
    const whole = `cloudify_gcp.compute.${this.#task}.${name}`
    const found = plugin.operations[whole]
    if (found === undefined) throw new Error(`the plugin has no ${whole}`)
    return found
  }

  #creating(): CutOperation {
    const operation = this.#operation(this.#task === 'snapshot' ? 'create' : 'snapshot_create')
    if (operation.kind !== 'cut') throw new Error('snapshot_create is not made of cut and settle')
    return operation
  }

  #context(name: string, { work = name, part, signal, isAgain = false, options }: NodeCall): TestContext {
    const ctx = operationContext({
      world: shortWorld(),
      ...options,
      node: {
        id: 'node',
        type: `cloudify.nodes.gcp.${this.#type}`,
        properties: { client_config: this.#cloud.clientConfig, ...this.#properties },
      },
      instance: { id: 'node_x1y2z3', nodeId: 'node', runtimeProperties: this.runtime, ...options?.instance },
      operation: { name, key: `execution/${work}/node_x1y2z3`, attempt: isAgain ? 2 : 1, inDoubt: isAgain },
      ...(part === undefined ? {} : { part }),
      ...(signal === undefined ? {} : { signal }),
    })
    this.#contexts.push(ctx)
    return ctx
  }
}

/** Of an instance that is there. */
export function instanceNode(cloud: FakeGcp, name: string, properties: JsonObject = {}): GcpNode {
  return new GcpNode(cloud, 'Instance', 'instance', properties, { name })
}

/** Of a disk that is there. */
export function diskNode(cloud: FakeGcp, name: string, properties: JsonObject = {}): GcpNode {
  return new GcpNode(cloud, 'Volume', 'disk', properties, { name })
}

const inputsOf = (backup: string, more: JsonObject): Readonly<Record<string, Json>> => ({
  snapshot_name: backup,
  snapshot_incremental: true,
  snapshot_type: 'daily',
  ...more,
})

/** As the journal gives it back. */
function kept<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value
}
