// What a workflow is, and what it is given. The lifecycle implements Run; workflows only use it.
import type { Static, TSchema } from 'typebox'
import type { Duration } from '../../kernel/duration.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { NodeView, OperationLog, RelationshipView } from './context.ts'

/** A node instance as a workflow sees it. */
export interface Member {
  readonly id: string
  readonly index: number
  readonly node: NodeView
  readonly hostId: string | undefined
  readonly relationships: readonly RelationshipView[]
  /** True when the operation is there, whether or not it does anything. */
  has(operation: string): boolean
  /** True when the operation is there and does something. */
  does(operation: string): boolean
}

/** Which instances take part. Empty or absent lists choose everything. */
export interface Selection {
  readonly include_instances?: readonly string[]
  /** Any of them in the type hierarchy is enough. */
  readonly include_node_types?: readonly string[]
  readonly exclude_node_types?: readonly string[]
}

/** `dependencies-first`: what others rely on comes first. `dependents-first`: who relies on others comes first. */
export type Order = 'dependencies-first' | 'dependents-first' | 'none'

export interface WalkOptions {
  readonly instances: readonly Member[]
  readonly order: Order
  /** Win over operation inputs of the same name. */
  readonly inputs?: JsonObject
  /** Prefix of the step keys; only needed when one workflow walks the same operation twice. */
  readonly phase?: string
  /** Name used in the events `Starting to X` / `Done X`; default: the operation's full name. */
  readonly title?: string
}

/** What is frozen together. `tiers` are frozen in their order and thawed in the reverse. */
export interface BracketOptions {
  readonly name: string
  readonly tiers: readonly (readonly Member[])[]
  readonly inputs?: JsonObject
  /** How long a node may stay frozen before its deadman thaws it. */
  readonly lease?: Duration
}

/** What happens inside a bracket, while all of its members are frozen. */
export interface BracketScope {
  /** Runs snapshot.create or snapshot.apply on all members and resolves when every cut is done. */
  cut(operation: string, options: WalkOptions): Promise<readonly CutResult[]>
}

export interface CutResult {
  readonly member: Member
  /** What the operation returned: a receipt, for operations with a cut and a settle half. */
  readonly result: Json
}

export interface StepContext {
  readonly attempt: number
  /** True when an earlier attempt may have taken effect without its outcome being known. */
  readonly inDoubt: boolean
  readonly signal: AbortSignal
}

export interface Run {
  readonly execution: { readonly id: string; readonly workflow: string }
  readonly deployment: { readonly id: string }
  readonly members: readonly Member[]
  readonly log: OperationLog
  readonly signal: AbortSignal
  /** A line in the event log, of the whole execution or of one instance. */
  event(text: string, member?: Member): void
  /** Those members that the selection names. @throws Fault `plan.unknown_instance`, `plan.unknown_node_type` */
  select(selection: Selection): readonly Member[]
  /** One durable unit of work. `key` must be unique within the execution and the same on every run of it. */
  step<Value extends Json | void>(key: string, work: (step: StepContext) => Promise<Value>): Promise<Value>
  /** One operation on one instance, as a durable step with retries. */
  execute(
    member: Member,
    operation: string,
    options?: { readonly inputs?: JsonObject; readonly phase?: string },
  ): Promise<Json>
  /** The operation on all instances that have it, along the dependency graph, independent ones at the same time. */
  walk(operation: string, options: WalkOptions): Promise<void>
}

export interface Workflow {
  readonly name: string
  readonly description?: string
  readonly parameters: TSchema
  run(run: Run, parameters: never): Promise<Json | void>
}

/**
 * Declares a workflow.
 *
 * @example
 * export const drain = defineWorkflow({
 *   name: 'drain',
 *   parameters: Type.Object({ grace: Type.Number({ default: 5 }) }),
 *   async run(run, parameters) {
 *     await run.walk('example.drain', { instances: run.members, order: 'dependents-first', inputs: parameters })
 *   },
 * })
 */
export function defineWorkflow<Parameters extends TSchema>(workflow: {
  readonly name: string
  readonly description?: string
  readonly parameters: Parameters
  run(run: Run, parameters: Static<Parameters>): Promise<Json | void>
}): Workflow {
  return workflow as unknown as Workflow
}
