// A volume or server node whose cloud is the fake: its operations called as the engine would, each piece of work with a key of its own.
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import type { CutOperation, Part, PluginOperation, Receipt } from '../../../src/plugins/contract/operation.ts'
import { serverOperations } from '../../../src/plugins/openstack/server/operations.ts'
import { volumeOperations } from '../../../src/plugins/openstack/volume/operations.ts'
import { operationContext, type TestContext } from '../operation-context.ts'
import type { FakeOpenstack } from './fake-openstack.ts'
import { shortWorld } from './node-on-fake.ts'

export interface NodeCall {
  /** Names the piece of work; calls with the same one are attempts of the same. */
  readonly work?: string
  readonly inputs?: JsonObject
  readonly part?: Json
  readonly signal?: AbortSignal
  /** Not the first attempt: what an earlier one made is looked for. */
  readonly isAgain?: boolean
}

export type CopyKind = 'snapshot' | 'backup'

const prefixes = {
  Volume: 'openstack_plugin.resources.volume.volume',
  Server: 'openstack_plugin.resources.compute.server',
} as const

export class CloudNode {
  readonly runtime: Record<string, Json>
  readonly #cloud: FakeOpenstack
  readonly #properties: JsonObject
  readonly #type: keyof typeof prefixes
  readonly #contexts: TestContext[] = []

  constructor(
    cloud: FakeOpenstack,
    properties: JsonObject = {},
    runtime: Record<string, Json> = {},
    type: keyof typeof prefixes = 'Volume',
  ) {
    this.#cloud = cloud
    this.#properties = properties
    this.runtime = runtime
    this.#type = type
  }

  /** Everything that was logged by any call. */
  get lines(): readonly string[] {
    return this.#contexts.flatMap(({ lines }) => lines)
  }

  async call(name: string, call: NodeCall = {}): Promise<Json> {
    const operation = this.#operation(name)
    if (operation.kind !== 'run') throw new Error(`${name} does not run in one piece`)
    return (await operation.run(this.#context(name, call), { ...call.inputs })) ?? null
  }

  async cut(backup: string, kind: CopyKind, call: NodeCall = {}): Promise<Receipt> {
    return kept(
      await this.#creating().cut(this.#context('snapshot_create', { work: backup, ...call }), inputsOf(backup, kind)),
    )
  }

  async settle(backup: string, kind: CopyKind, receipt: Receipt, call: NodeCall = {}): Promise<Part> {
    const ctx = this.#context('snapshot_create', { work: backup, ...call })
    return kept(await this.#creating().settle(ctx, receipt, inputsOf(backup, kind)))
  }

  async save(backup: string, kind: CopyKind, call: NodeCall = {}): Promise<Part> {
    return this.settle(backup, kind, await this.cut(backup, kind, call), call)
  }

  async verify(part: Part) {
    return this.#creating().verify?.(this.#context('snapshot_create', {}), part)
  }

  check(): Promise<void> | undefined {
    return this.#creating().check?.(this.#context('snapshot_create', {}), inputsOf('checked', 'snapshot'))
  }

  checkApply(part: Part): Promise<void> | undefined {
    const operation = this.#operation('snapshot_apply')
    const inputs = inputsOf('checked', 'snapshot')
    return operation.kind === 'run' ? operation.check?.(this.#context('snapshot_apply', { part }), inputs) : undefined
  }

  apply(part: Part, call: NodeCall = {}): Promise<Json> {
    return this.call('snapshot_apply', { work: 'apply', part, ...call })
  }

  remove(part: Part, call: NodeCall = {}): Promise<Json> {
    return this.call('snapshot_delete', { work: 'remove', part, ...call })
  }

  async cleanUp(): Promise<void> {
    for (const ctx of this.#contexts) await ctx.cleanUp()
  }

  power(name: string): Promise<string> | undefined {
    const operation = this.#operation(name)
    return operation.kind === 'run' ? operation.power?.(this.#context(name, {}), {}) : undefined
  }

  #operation(name: string): PluginOperation {
    const whole = `${prefixes[this.#type]}.${name}`
    const found = { ...volumeOperations, ...serverOperations }[whole]
    if (found === undefined) throw new Error(`the plugin has no ${whole}`)
    return found
  }

  #creating(): CutOperation {
    const operation = this.#operation('snapshot_create')
    if (operation.kind !== 'cut') throw new Error('snapshot_create is not made of cut and settle')
    return operation
  }

  #context(name: string, { work = name, part, signal, isAgain = false }: NodeCall): TestContext {
    const ctx = operationContext({
      world: shortWorld(),
      node: {
        id: 'data',
        type: `cloudify.nodes.openstack.${this.#type}`,
        properties: { client_config: this.#cloud.clientConfig, ...this.#properties },
      },
      instance: { id: 'data_x1y2z3', nodeId: 'data', runtimeProperties: this.runtime },
      operation: { name, key: `execution/${work}/data_x1y2z3`, attempt: isAgain ? 2 : 1, inDoubt: isAgain },
      ...(part === undefined ? {} : { part }),
      ...(signal === undefined ? {} : { signal }),
    })
    this.#contexts.push(ctx)
    return ctx
  }
}

/** Of a server that is there. */
export function serverNode(cloud: FakeOpenstack, serverId: string, properties: JsonObject = {}): CloudNode {
  return new CloudNode(cloud, properties, { id: serverId }, 'Server')
}

/** Of a volume that is there. */
export function volumeNode(cloud: FakeOpenstack, volumeId: string, properties: JsonObject = {}): CloudNode {
  return new CloudNode(cloud, properties, { id: volumeId })
}

const inputsOf = (backup: string, kind: CopyKind): Readonly<Record<string, Json>> => ({
  snapshot_name: backup,
  snapshot_incremental: kind === 'snapshot',
  snapshot_type: 'daily',
})

/** As the journal gives it back. */
function kept<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value
}
