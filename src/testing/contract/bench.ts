// One node under test: calls its operations as the lifecycle would, each with a context of its own.
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { Duration } from '../../kernel/duration.ts'
import { checkInputs } from '../../lifecycle/check-inputs.ts'
import type { Deadman, DeadmanHandle } from '../../plugins/contract/deadman.ts'
import type { CutOperation, FreezeOperation, Part, PluginOperation, Receipt } from '../../plugins/contract/operation.ts'
import { operationContext, type TestContext } from '../operation-context.ts'
import { CaseSkipped, must } from './broken.ts'
import type { ContractNode, ContractSubject } from './subject.ts'

/** How one call differs from a first attempt with nothing known. */
export interface CallOptions {
  readonly inputs?: JsonObject
  /** Names the piece of work; calls with the same one are attempts of the same. */
  readonly work?: string
  readonly attempt?: number
  readonly inDoubt?: boolean
  readonly part?: Json
  readonly signal?: AbortSignal
  readonly purpose?: 'save' | 'replace'
}

export interface ArmOptions {
  readonly lease?: Duration | undefined
  readonly maximum?: Duration
  readonly signal?: AbortSignal
}

export const defaultLease: Duration = 3000

export class Bench {
  readonly node: ContractNode
  readonly #subject: ContractSubject
  readonly #contexts: TestContext[] = []
  readonly #runtimeProperties: Record<string, Json>
  /** Deadmen that nobody has disarmed, by the operation that brought each. */
  readonly #armed = new Map<DeadmanHandle, string>()
  #stateDirectory: string | undefined

  constructor(subject: ContractSubject, node: ContractNode) {
    this.#subject = subject
    this.node = node
    this.#runtimeProperties = { ...node.runtimeProperties }
  }

  get lease(): Duration {
    return this.node.lease ?? defaultLease
  }

  /** Everything that was logged or reported by any call. */
  get lines(): readonly string[] {
    return this.#contexts.flatMap((ctx) => [...ctx.lines, ...ctx.events])
  }

  get runtimeProperties(): JsonObject {
    return this.#runtimeProperties
  }

  does(name: string): boolean {
    return this.node.operations[name] !== undefined
  }

  find(name: string): PluginOperation {
    const key = this.node.operations[name]
    if (key === undefined) throw new CaseSkipped(`the node has no ${name}`)
    const found = this.#subject.plugin.operations[key]
    must(found !== undefined, `the plugin has no operation '${key}', which the node names for ${name}`)
    return found
  }

  freezeOperation(name: string): FreezeOperation {
    const found = this.find(name)
    if (found.kind !== 'freeze') throw new CaseSkipped(`${name} is no freeze operation`)
    return found
  }

  cutOperation(name: string): CutOperation {
    const found = this.find(name)
    if (found.kind !== 'cut') throw new CaseSkipped(`${name} is not made of cut and settle`)
    return found
  }

  /** The deadman of a freeze, or of a plain operation that brings one. */
  deadman(name: string): Deadman {
    const found = this.find(name)
    const deadman = found.kind === 'freeze' || found.kind === 'run' ? found.deadman : undefined
    if (!deadman) throw new CaseSkipped(`${name} brings no deadman`)
    return deadman
  }

  context(name: string, options: CallOptions = {}): TestContext {
    const { node } = this
    const ctx = operationContext({
      node: { id: 'node', type: node.type ?? 'cloudify.nodes.Root', properties: node.properties ?? {} },
      instance: { id: 'node_x1y2z3', nodeId: 'node', runtimeProperties: this.#runtimeProperties },
      operation: {
        name,
        key: `contract/${options.work ?? name}/node_x1y2z3`,
        attempt: options.attempt ?? 1,
        inDoubt: options.inDoubt ?? false,
      },
      ...(node.files === undefined ? {} : { files: node.files }),
      ...(node.world === undefined ? {} : { world: node.world }),
      ...(node.secrets === undefined ? {} : { secrets: node.secrets }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(this.#stateDirectory === undefined ? {} : { stateDirectory: this.#stateDirectory }),
      ...(options.part === undefined ? {} : { part: options.part }),
      ...(options.purpose === undefined ? {} : { bracket: { name: 'contract#1', purpose: options.purpose } }),
    })
    this.#stateDirectory ??= ctx.stateDirectory
    this.#contexts.push(ctx)
    return ctx
  }

  inputs(name: string, given: JsonObject = {}): JsonObject {
    const snapshot = name.includes('.snapshot.') ? snapshotInputs : {}
    return checkInputs(this.find(name).inputs, { ...snapshot, ...this.node.inputs, ...given }, 'node', name)
  }

  /** Calls an operation in one piece; a cut is settled at once. */
  async call(name: string, options: CallOptions = {}): Promise<Json> {
    const operation = this.find(name)
    const inputs = this.inputs(name, options.inputs)
    const ctx = this.context(name, options)
    switch (operation.kind) {
      case 'run':
        return (await operation.run(ctx, inputs)) ?? null
      case 'freeze':
        return (await operation.freeze(ctx, inputs)) ?? null
      case 'thaw':
        return (await operation.thaw(ctx, inputs)) ?? null
      case 'cut':
        return operation.settle(ctx, await operation.cut(ctx, inputs), inputs)
    }
  }

  async arm(
    name: string,
    token: string,
    { lease = this.lease, maximum = lease, signal }: ArmOptions = {},
  ): Promise<DeadmanHandle> {
    const finalize = finalizeOf(name)
    const key = this.node.operations[finalize]
    const handle = await this.deadman(name).arm(this.context(name, { purpose: 'save', ...(signal && { signal }) }), {
      token,
      lease,
      maximum,
      ...(key === undefined
        ? {}
        : { finalize: { plugin: this.#subject.plugin.name, operation: key, inputs: this.inputs(finalize) } }),
    })
    must(isJsonObject(handle), 'arm must resolve with a handle that is a JSON object')
    // As another process would find it in the ledger.
    const found = JSON.parse(JSON.stringify(handle)) as DeadmanHandle
    this.#armed.set(found, name)
    return found
  }

  async disarm(name: string, handle: DeadmanHandle): Promise<number | null> {
    const { firedAt } = await this.deadman(name).disarm(this.context(name), handle)
    this.#armed.delete(handle)
    return firedAt
  }

  /** Freezes as the bracket does: deadman first. */
  async freeze(name: string, token: string, lease?: Duration): Promise<DeadmanHandle | null> {
    const operation = this.find(name)
    const hasDeadman = (operation.kind === 'freeze' || operation.kind === 'run') && Boolean(operation.deadman)
    const handle = hasDeadman ? await this.arm(name, token, { lease }) : null
    await this.call(name, { work: token, purpose: 'save' })
    return handle
  }

  async cut(name: string, work: string, options: CallOptions = {}): Promise<Receipt> {
    const operation = this.cutOperation(name)
    const ctx = this.context(name, { ...options, work })
    const receipt = await operation.cut(ctx, this.inputs(name, options.inputs))
    must(isJsonObject(receipt), 'a cut must return a receipt that is a JSON object')
    return JSON.parse(JSON.stringify(receipt)) as Receipt
  }

  async settle(name: string, work: string, receipt: Receipt, options: CallOptions = {}): Promise<Part> {
    const operation = this.cutOperation(name)
    const ctx = this.context(name, { ...options, work })
    const part = await operation.settle(ctx, receipt, this.inputs(name, options.inputs))
    return JSON.parse(JSON.stringify(part)) as Part
  }

  /** A view of the node that the author gave, or the case is skipped. */
  view<Name extends 'isFrozen' | 'power' | 'change' | 'state' | 'snapshots' | 'loseSnapshot'>(
    name: Name,
  ): NonNullable<ContractNode[Name]> {
    const found = this.node[name]
    if (!found) throw new CaseSkipped(`the subject does not give '${name}'`)
    return found.bind(this.node) as NonNullable<ContractNode[Name]>
  }

  /** Looks every 20 ms until the condition holds or the time is over. */
  async within(limit: Duration, condition: () => Promise<boolean>): Promise<boolean> {
    const { clock } = this.context('look').world
    const end = clock.monotonic() + limit
    while (!(await condition())) {
      if (clock.monotonic() > end) return false
      await clock.sleep(20)
    }
    return true
  }

  async bringUp(): Promise<void> {
    for (const name of this.node.bringUp ?? []) await this.call(name)
  }

  /** A case may end while its deadmen are on watch: they would thaw what the next case freezes, where both have one node. */
  async #leaveNobodyArmed(): Promise<void> {
    for (const [handle, name] of this.#armed) {
      const finalize = finalizeOf(name)
      if (finalize !== name && this.does(finalize)) await this.call(finalize).catch(() => undefined)
      await this.disarm(name, handle).catch(() => undefined)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leaveNobodyArmed()
    for (const name of this.node.takeDown ?? []) await this.call(name).catch(() => undefined)
    await this.node[Symbol.asyncDispose]()
    for (const ctx of this.#contexts) await ctx.cleanUp()
  }
}

const finalizeOf = (name: string): string => name.replace(/fs_prepare$/, 'fs_finalize')

/** What backup gives to snapshot operations. */
const snapshotInputs: JsonObject = {
  snapshot_name: 'contract',
  snapshot_incremental: true,
  snapshot_type: 'irregular',
  snapshot_rotation: 1,
}
