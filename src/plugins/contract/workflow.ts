// What a workflow is, and what it is given. The lifecycle implements Run; workflows only use it.
import type { Static, TSchema } from 'typebox'
import type { Duration, Instant } from '../../kernel/duration.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { FaultRecord } from '../../kernel/fault.ts'
import type { PartComparison } from './comparison.ts'
import type { Consistency } from './consistency.ts'
import type { NodeView, OperationLog, RelationshipView } from './context.ts'
import type { PartCheck } from './operation.ts'

/** A node instance as a workflow sees it. */
export interface Member {
  readonly id: string
  readonly index: number
  readonly node: NodeView
  readonly hostId: string | undefined
  readonly relationships: readonly RelationshipView[]
  /** Full names of all operations, also of those that do nothing. */
  readonly operations: readonly string[]
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
  /** Only members of one of these groups of the blueprint. */
  readonly groups?: readonly string[]
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
  /** Name in the events `Starting to X` and `Done X`; default: the operation's full name. */
  readonly title?: string
  /** What the catalog holds of each instance, by id. */
  readonly parts?: Readonly<Record<string, Json>>
  /** Called with what each operation returned. */
  readonly onResult?: (member: Member, result: Json) => Promise<void>
}

/** What is frozen together, and what happens meanwhile. */
export interface BracketOptions {
  readonly name: string
  /** `save`: state is captured, labels are measured; `replace`: it is put back. */
  readonly purpose: 'save' | 'replace'
  /** Frozen one after the other (inside a tier along the graph), thawed in the reverse order. */
  readonly tiers: readonly BracketTier[]
  readonly cut: CutOptions
  /** How long a node may stay frozen before its deadman thaws it. */
  readonly lease?: Duration | undefined
  /** Leases are extended while we live and cuts take long, up to this; default: never. */
  readonly longestHold?: Duration | undefined
  /** What if a node cannot be frozen, or not until its cut is through; default `require`. */
  readonly policy?: FreezePolicy
  /** Node id -> policy; wins over `policy`. */
  readonly policies?: Readonly<Record<string, FreezePolicy>>
  /** How long a node should stand still at most. A node's own property `freeze_slo` wins. */
  readonly slo?: FreezeSlo | undefined
  /** Keep what could be cut when some cuts fail; default: all or nothing. */
  readonly isBestEffort?: boolean
}

/** `require`: or the bracket fails. `prefer`: or the part is labelled down. `skip`: it is not frozen at all. */
export const freezePolicies = ['require', 'prefer', 'skip'] as const
export type FreezePolicy = (typeof freezePolicies)[number]

/** `fail`: refuse before, give up meanwhile. `degrade`: do not freeze, or thaw early, and label down. `warn`: say so. */
export const sloActions = ['fail', 'degrade', 'warn'] as const
export interface FreezeSlo {
  /** Infinity: only nodes with a limit of their own have one. */
  readonly limit: Duration
  readonly onBreach: (typeof sloActions)[number]
}

export interface BracketTier {
  readonly members: readonly Member[]
  /** Given to fs_prepare and fs_finalize. */
  readonly inputs: JsonObject
}

export interface CutOptions {
  /** Full name: `cloudify.interfaces.snapshot.create`. */
  readonly operation: string
  readonly members: readonly Member[]
  readonly order: Order
  readonly inputs: JsonObject
  /** Takes back what a cut made, when the bracket as a whole fails. */
  readonly undo?: string
  /** What the catalog holds of each instance, by id: for operations on an existing recovery point. */
  readonly parts?: Readonly<Record<string, Json>>
}

/** What each instance's cut came to, settled: instance id -> what the operation returned. */
export type CutResults = Readonly<Record<string, Json>>

/** One settled cut. Instants are ours, and null where a bracket replaces state or nothing was frozen. */
export interface SavedPart {
  readonly result: Json
  readonly consistency: Consistency
  /** Why the label is not better; null when it is `application`. */
  readonly reason: string | null
  readonly cutFrom: Instant
  readonly cutTo: Instant
}

/** A set of instances that stood still together. */
export interface FrozenTogether {
  /** Of a group of the blueprint; null: everybody in the bracket. */
  readonly group: string | null
  readonly instances: readonly string[]
  /** From the last freeze to the first thaw; null when nobody, or not everybody, stood still. */
  readonly interval: { readonly from: Instant; readonly to: Instant } | null
  /** Between the begin of the first cut and the end of the last; null without cuts. */
  readonly skew: Duration | null
}

export interface BracketOutcome {
  /** By instance id. */
  readonly parts: Readonly<Record<string, SavedPart>>
  /** Best effort only: instances whose cut or settling failed. */
  readonly failures: Readonly<Record<string, FaultRecord>>
  /** The whole bracket first, then the groups that take part with at least two instances. */
  readonly frozen: readonly FrozenTogether[]
}

export interface StepContext {
  readonly attempt: number
  /** True when an earlier attempt may have taken effect without its outcome being known. */
  readonly inDoubt: boolean
  readonly now: Instant
  readonly signal: AbortSignal
}

/** One operation on one instance. */
export interface ExecuteOptions {
  readonly inputs?: JsonObject
  /** Prefix of the step's key; only needed when one workflow runs the same operation twice on an instance. */
  readonly phase?: string
  /** Name in the events `Starting to X` and `Done X`; null (the default): no such events. */
  readonly title?: string | null
  readonly part?: Json
  /** It puts back what the workflow changed, and is done also after a cancel. */
  readonly isOwed?: boolean
}

/** Recovery points of the deployment. */
export interface Catalog {
  /** Reserves a name. @throws Fault `catalog.name_taken` */
  open(point: NewRecoveryPoint): Promise<string>
  /** Makes the recovery point usable, with what each instance's cut came to; partial when some of them failed. */
  seal(id: string, outcome: BracketOutcome): Promise<void>
  /** Takes back a recovery point of which nothing is left. One that was sealed stays. */
  discard(id: string): Promise<void>
  /** By name, or else by id or an unambiguous beginning of it. @throws Fault `catalog.no_such_backup` naming what there is. */
  find(name: string, isIncremental: boolean): Promise<RecoveryPoint>
  /** By id alone. @throws Fault `catalog.no_such_backup` */
  get(id: string): Promise<RecoveryPoint>
  /**
   * Marks the recovery point as being deleted, or as partial when some parts stay, before anything of it is touched. What is
   * being deleted may only go on.
   *
   * @throws Fault `catalog.held`, `catalog.still_needed`, `catalog.last_good`
   */
  beginRemoval(
    id: string,
    instanceIds: readonly string[],
    floor: FloorRule,
  ): Promise<{ readonly lastOf: LastOf | null }>
  /** Deletes one part at the provider, by what is recorded of it, and forgets it. */
  removePart(id: string, instanceId: string, deletion: () => Promise<unknown>): Promise<void>
  /** Forgets the recovery point when none of its parts is left. */
  endRemoval(id: string, removal: Removal): Promise<void>
  /** Keeps what a read-back found of its parts, or of some of them. */
  verified(id: string, verification: Verification): Promise<void>
}

export interface Removal {
  /** Before it began. */
  readonly wasGood: boolean
  /** Also when it was the last good one: somebody said so. */
  readonly isForced: boolean
}

/** What it is the last one of, in its deployment. */
export type LastOf = 'good' | 'verified'

/** `hold`: the last good recovery point, and the last verified one, are not deleted. `break`: they are. */
export type FloorRule = 'hold' | 'break'

export interface NewRecoveryPoint {
  readonly name: string
  readonly isIncremental: boolean
  readonly type: string
}

/** `open`: never completed. `partial`: some instances have no part. `deleting`: its deletion has begun. */
export const recoveryPointStatuses = ['open', 'good', 'partial', 'deleting'] as const
export type RecoveryPointStatus = (typeof recoveryPointStatuses)[number]

export interface RecoveryPoint extends NewRecoveryPoint {
  readonly id: string
  readonly status: RecoveryPointStatus
  readonly createdAt: Instant
  /** Complete, and not found damaged since. */
  readonly isGood: boolean
  /** What operations on the parts are given, by instance id. */
  readonly parts: CutResults
  /** What else is on record of them, by instance id. */
  readonly records: Readonly<Record<string, PartRecord>>
  /** Instances that should have a part, and why they have none. */
  readonly missing: Readonly<Record<string, FaultRecord>>
}

/** One part, as the catalog knows it. */
export interface PartRecord {
  readonly pointId: string
  readonly instanceId: string
  readonly result: Json
  /** The implementation that made it, `plugin.operation`; empty in what an older version saved. */
  readonly operation: string
  readonly providerId: string | null
  readonly isBeingDeleted: boolean
  /** The parts it rests on, nearest first. An id without a part is not in the catalog. */
  readonly lineage: readonly { readonly providerId: string; readonly part: PartRecord | null }[]
}

/** `unchecked`: its provider offers no read-back, or could not be reached. */
export const partStates = ['usable', 'damaged', 'missing', 'unchecked'] as const
export type PartState = (typeof partStates)[number]

/** What a read-back of a whole recovery point found, by instance id. */
export type Verification = Readonly<Record<string, { readonly state: PartState; readonly reason: string | null }>>

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
  /** One operation on one instance, as a durable step with retries. Nothing happens when the operation does nothing. */
  execute(member: Member, operation: string, options?: ExecuteOptions): Promise<Json>
  /** One operation of a relationship of `member`: on the member (`source`) or on the other end (`target`). */
  executeRelationship(
    member: Member,
    relationship: RelationshipView,
    end: 'source' | 'target',
    operation: string,
  ): Promise<Json>
  /** True when that operation of the relationship does something. */
  relationshipDoes(relationship: RelationshipView, end: 'source' | 'target', operation: string): boolean
  /** The operation on all instances that have it, along the dependency graph, independent ones at the same time. */
  walk(operation: string, options: WalkOptions): Promise<void>
  /** Visits instances along the dependency graph with code of one's own. What waits for a failed visit is not visited. */
  each(members: readonly Member[], order: Order, visit: (member: Member) => Promise<void>): Promise<void>
  /** Freezes, cuts, thaws, settles. Whatever happens, what was frozen is thawed before this resolves or throws. */
  bracket(options: BracketOptions): Promise<BracketOutcome>
  readonly catalog: Catalog
  /** Reads a part back, changing nothing, as a durable step. null: what made it cannot do that. */
  verify(member: Member, part: PartRecord, inputs: JsonObject): Promise<PartCheck | null>
  /** Compares a part with what is there now, changing nothing, as a durable step. null: what made it cannot do that. */
  compare(member: Member, part: PartRecord, inputs: JsonObject): Promise<PartComparison | null>
  /**
   * Suspends one instance: where the operation tells power states, what it found is remembered, what stands still
   * already is left alone, and the end is read back. Elsewhere the same as `execute`.
   */
  powerDown(member: Member, operation: string, options?: ExecuteOptions): Promise<void>
  /** The mirror of `powerDown`: resumes what it found running, and leaves what it found down. */
  powerUp(member: Member, operation: string, options?: ExecuteOptions): Promise<void>
  state(member: Member): string
  setState(member: Member, state: string): Promise<void>
  /** Adds one point to each statistic of the instance. */
  record(member: Member, values: readonly Statistic[]): Promise<void>
}

export interface Statistic {
  readonly name: string
  readonly unit: string | null
  readonly value: number
}

export interface Workflow {
  readonly name: string
  readonly description?: string
  readonly parameters: TSchema
  /** Names of parameters with addresses of mail: who is told of its end, unless whoever starts it names others. */
  readonly told?: { readonly success: string; readonly error: string }
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
  readonly told?: Workflow['told']
  run(run: Run, parameters: Static<Parameters>): Promise<Json | void>
}): Workflow {
  return workflow as unknown as Workflow
}
