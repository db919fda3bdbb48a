// What an operation is given. Everything it may know of the outside comes through here.
import type { Duration } from '../../kernel/duration.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { World } from '../../world/world.ts'

/** A node template of the plan, as an operation sees it. */
export interface NodeView {
  readonly id: string
  readonly type: string
  /** Root type first, the node's own type last. */
  readonly typeHierarchy: readonly string[]
  /** Frozen; functions are evaluated. */
  readonly properties: JsonObject
}

/** A node instance. Changes to `runtimeProperties` are stored with the operation's outcome, success or failure. */
export interface InstanceView {
  readonly id: string
  readonly nodeId: string
  readonly index: number
  readonly hostId: string | undefined
  readonly relationships: readonly RelationshipView[]
  readonly runtimeProperties: Record<string, Json>
}

export interface RelationshipView {
  readonly type: string
  readonly typeHierarchy: readonly string[]
  readonly targetId: string
  readonly targetNodeId: string
}

/** One end of a relationship, or the node an operation runs on. `save` makes the runtime properties durable at once. */
export interface Subject {
  readonly node: NodeView
  readonly instance: InstanceView
  save(): Promise<void>
}

export interface OperationLog {
  debug(text: string): void
  info(text: string): void
  warning(text: string): void
  error(text: string): void
}

export interface OperationDetails {
  /** Full name: `cloudify.interfaces.snapshot.create`. */
  readonly name: string
  /** Stable over all attempts of this piece of work, unique among all others: what to mark provider objects with. */
  readonly key: string
  /** 1 on the first try. */
  readonly attempt: number
  /** -1: no limit. */
  readonly maxAttempts: number
  /** True when an earlier attempt may have taken effect without its outcome being known: look before you act. */
  readonly inDoubt: boolean
  /** Where the blueprint wants it to run: `host_agent`, `central_deployment_agent`, or `auto` when it does not say. */
  readonly executor?: string
}

export interface OperationContext extends Subject {
  readonly operation: OperationDetails
  /** Present for operations of a relationship; `node` and `instance` are then those of the end it runs on. */
  readonly relationship?: { readonly type: string; readonly source: Subject; readonly target: Subject }
  /** The instance of the node that hosts this one (itself for a compute node). */
  readonly host?: Subject
  /** For snapshot.apply and snapshot.delete: what the catalog recorded of this instance in the recovery point. */
  readonly part?: Json
  readonly execution: { readonly id: string; readonly workflow: string }
  /** Present for operations of a bracket. `save`: state is captured; `replace`: it is put back, so what is down need not stand still. */
  readonly bracket?: { readonly name: string; readonly purpose: 'save' | 'replace' }
  readonly deployment: { readonly id: string }
  readonly blueprint: { readonly id: string }
  readonly log: OperationLog
  /** A line in the event log that is no log record. */
  event(text: string): void
  /** Aborts on cancel and at the operation's timeout. Every wait must heed it. */
  readonly signal: AbortSignal
  readonly world: World
  /** A folder for whatever this plugin keeps on this machine. It exists and outlives executions. */
  readonly stateDirectory: string
  /** An existing file of the blueprint. @throws Fault `script.not_found` */
  blueprintFile(path: string): Promise<string>
  /** @throws Fault `secret.missing` */
  secret(name: string): Promise<Secret>
  /** Evaluates what `get_attribute` and its like gives for the running deployment. */
  evaluate(value: Json): Promise<Json>
  /**
   * One effect, at most once: looks for what an earlier attempt may have made, and creates only when there is nothing.
   * On a first attempt that is not in doubt `lookUp` is not called.
   */
  once<Value>(effect: Once<Value>): Promise<Value>
  /** Reads until `isDone`, pausing `every` (default 1 s) between two reads. */
  until<Value>(read: () => Promise<Value>, isDone: (value: Value) => boolean, every?: Duration): Promise<Value>
  /** Ends this attempt; the next one comes after `after`. Counts as a retry. */
  retry(message: string, after?: Duration): never
}

export interface Once<Value> {
  lookUp(key: string): Promise<Value | undefined>
  create(key: string): Promise<Value>
}
