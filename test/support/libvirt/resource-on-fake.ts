// A node of a blueprint that is a network, pool or volume of the fake hypervisor: each operation is called in a context of its
// own, and what one leaves in the runtime properties the next one finds.
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import type { PartComparison } from '../../../src/plugins/contract/comparison.ts'
import type { OperationDetails } from '../../../src/plugins/contract/context.ts'
import type { CutOperation, Part, PartCheck, Receipt, RunOperation } from '../../../src/plugins/contract/operation.ts'
import plugin from '../../../src/plugins/libvirt/plugin.ts'
import { operationContext, type OperationContextOptions, type TestContext } from '../operation-context.ts'
import type { FakeLibvirtd } from './fake-libvirtd.ts'
import { shortWorld } from '../short-world.ts'

export interface ResourceCall extends Pick<
  OperationContextOptions,
  'files' | 'part' | 'relationship' | 'signal' | 'world' | 'evaluate'
> {
  readonly details?: Partial<OperationDetails>
  readonly inputs?: JsonObject
}

export interface ResourceNode extends AsyncDisposable {
  readonly runtime: Record<string, Json>
  /** What all calls logged. */
  readonly lines: readonly string[]
  /** Copies of the runtime properties that the last call made durable. */
  readonly saves: readonly JsonObject[]
  run(operation: string, call?: ResourceCall): Promise<Json | void>
  cut(name: string, call?: ResourceCall): Promise<Receipt>
  settle(name: string, receipt: Receipt, call?: ResourceCall): Promise<Part>
  save(name: string, isIncremental?: boolean): Promise<Part>
  apply(part: Part): Promise<Json | void>
  remove(part: Receipt | undefined, name: string, isIncremental?: boolean): Promise<void>
  verify(part: Part): Promise<PartCheck>
  compare(part: Part): Promise<PartComparison>
}

export type ResourceType = 'network' | 'pool' | 'volume' | 'iso9660'

export function resourceNode(libvirtd: FakeLibvirtd, type: ResourceType, properties: JsonObject = {}): ResourceNode {
  const runtime: Record<string, Json> = {}
  const contexts: TestContext[] = []
  const named = (name: string): unknown => plugin.operations[`cloudify_libvirt.${type}_tasks.${name}`]
  const context = ({ details, ...more }: Omit<ResourceCall, 'inputs'> = {}): TestContext => {
    const [first] = contexts
    const made = operationContext({
      world: shortWorld(),
      node: { id: type, type: `cloudify.libvirt.${type}`, properties: { libvirt_auth: libvirtd.uri, ...properties } },
      instance: { id: `${type}_1`, nodeId: type, runtimeProperties: runtime },
      operation: { key: `key of ${contexts.length}`, ...details },
      ...(first ? { stateDirectory: first.stateDirectory } : {}),
      ...more,
    })
    contexts.push(made)
    return made
  }
  const inputsOf = (name: string, isIncremental: boolean): JsonObject => ({
    snapshot_name: name,
    snapshot_incremental: isIncremental,
  })
  const saving = (name: string, call: ResourceCall = {}): [TestContext, JsonObject] => [
    context({ ...call, details: { key: `backup/${name}`, ...call.details } }),
    { ...inputsOf(name, true), ...call.inputs },
  ]
  const create = (): CutOperation => named('snapshot_create') as CutOperation
  return {
    runtime,
    get lines() {
      return contexts.flatMap(({ lines }) => lines)
    },
    get saves() {
      return contexts.at(-1)?.saves ?? []
    },
    run: (operation, call = {}) => (named(operation) as RunOperation).run(context(call), call.inputs ?? {}),
    cut: (name, call) => create().cut(...saving(name, call)),
    settle(name, receipt, call) {
      const [ctx, inputs] = saving(name, call)
      return create().settle(ctx, receipt, inputs)
    },
    async save(name, isIncremental = true) {
      const call = { inputs: inputsOf(name, isIncremental) }
      return this.settle(name, await this.cut(name, call), call)
    },
    apply: (part) =>
      (named('snapshot_apply') as RunOperation).run(context({ part }), inputsOf(String(part['name']), true)),
    async remove(part, name, isIncremental = true) {
      const ctx = context({ details: { key: `backup/${name}` }, ...(part ? { part } : {}) })
      await (named('snapshot_delete') as RunOperation).run(ctx, inputsOf(name, isIncremental))
    },
    verify: async (part) => must(create().verify)(context({ part }), part),
    compare: async (part) => must(create().compare)(context({ part }), part),
    async [Symbol.asyncDispose]() {
      await plugin.close?.()
      for (const one of contexts.toReversed()) await one.cleanUp()
    },
  }
}

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the operation does not offer this')
  return value
}
