// A volume node whose cloud is the fake: its operations called as the engine would, each piece of work with a key of its own.
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import type { CutOperation, Part, PluginOperation, Receipt } from '../../../src/plugins/contract/operation.ts'
import { volumeOperations } from '../../../src/plugins/openstack/volume/operations.ts'
import { operationContext, type TestContext } from '../operation-context.ts'
import type { FakeOpenstack } from './fake-openstack.ts'
import { shortWorld } from './node-on-fake.ts'

export interface VolumeCall {
  /** Names the piece of work; calls with the same one are attempts of the same. */
  readonly work?: string
  readonly inputs?: JsonObject
  readonly part?: Json
  readonly signal?: AbortSignal
  /** Not the first attempt: what an earlier one made is looked for. */
  readonly isAgain?: boolean
}

export type CopyKind = 'snapshot' | 'backup'

const prefix = 'openstack_plugin.resources.volume.volume'

export class VolumeNode {
  readonly runtime: Record<string, Json>
  readonly #cloud: FakeOpenstack
  readonly #properties: JsonObject
  readonly #contexts: TestContext[] = []

  constructor(cloud: FakeOpenstack, properties: JsonObject = {}, runtime: Record<string, Json> = {}) {
    this.#cloud = cloud
    this.#properties = properties
    this.runtime = runtime
  }

  /** Everything that was logged by any call. */
  get lines(): readonly string[] {
    return this.#contexts.flatMap(({ lines }) => lines)
  }

  async call(name: string, call: VolumeCall = {}): Promise<Json> {
    const operation = operationNamed(name)
    if (operation.kind !== 'run') throw new Error(`${name} does not run in one piece`)
    return (await operation.run(this.#context(name, call), { ...call.inputs })) ?? null
  }

  async cut(backup: string, kind: CopyKind, call: VolumeCall = {}): Promise<Receipt> {
    return kept(
      await creating().cut(this.#context('snapshot_create', { work: backup, ...call }), inputsOf(backup, kind)),
    )
  }

  async settle(backup: string, kind: CopyKind, receipt: Receipt, call: VolumeCall = {}): Promise<Part> {
    const ctx = this.#context('snapshot_create', { work: backup, ...call })
    return kept(await creating().settle(ctx, receipt, inputsOf(backup, kind)))
  }

  async save(backup: string, kind: CopyKind, call: VolumeCall = {}): Promise<Part> {
    return this.settle(backup, kind, await this.cut(backup, kind, call), call)
  }

  async verify(part: Part) {
    return creating().verify?.(this.#context('snapshot_create', {}), part)
  }

  check(): Promise<void> | undefined {
    return creating().check?.(this.#context('snapshot_create', {}), inputsOf('checked', 'snapshot'))
  }

  apply(part: Part, call: VolumeCall = {}): Promise<Json> {
    return this.call('snapshot_apply', { work: 'apply', part, ...call })
  }

  remove(part: Part, call: VolumeCall = {}): Promise<Json> {
    return this.call('snapshot_delete', { work: 'remove', part, ...call })
  }

  async cleanUp(): Promise<void> {
    for (const ctx of this.#contexts) await ctx.cleanUp()
  }

  #context(name: string, { work = name, part, signal, isAgain = false }: VolumeCall): TestContext {
    const ctx = operationContext({
      world: shortWorld(),
      node: {
        id: 'data',
        type: 'cloudify.nodes.openstack.Volume',
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

/** Of a volume that is there. */
export function volumeNode(cloud: FakeOpenstack, volumeId: string, properties: JsonObject = {}): VolumeNode {
  return new VolumeNode(cloud, properties, { id: volumeId })
}

function operationNamed(name: string): PluginOperation {
  const found = volumeOperations[`${prefix}.${name}`]
  if (found === undefined) throw new Error(`the plugin has no ${prefix}.${name}`)
  return found
}

function creating(): CutOperation {
  const operation = operationNamed('snapshot_create')
  if (operation.kind !== 'cut') throw new Error('snapshot_create is not made of cut and settle')
  return operation
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
