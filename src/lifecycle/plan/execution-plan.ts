// What an execution would do, told before it does anything: plain JSON, made by running the workflow itself with a run
// that only writes down.
import type { Duration, Instant } from '../../kernel/duration.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Consistency } from '../../plugins/contract/consistency.ts'
import type { DeadmanProbe } from '../../plugins/contract/deadman.ts'
import type { FreezePolicy, FreezeSlo } from '../../plugins/contract/workflow.ts'

/** Changes with every change that an older reader would misunderstand. */
export const planFormat = 'fermata.plan/1'

export interface ExecutionPlan {
  readonly format: typeof planFormat
  readonly madeAt: Instant
  readonly workflow: string
  readonly deploymentId: string
  readonly blueprintId: string
  /** All of them, with defaults filled in. */
  readonly parameters: JsonObject
  readonly options: PlanOptions
  readonly basis: PlanBasis
  /** False: part of it hangs on results that nobody has before it runs, or planning ended early. */
  readonly isComplete: boolean
  /** In the order in which they begin. */
  readonly phases: readonly PlannedPhase[]
  readonly brackets: readonly PlannedBracket[]
  /** What happens to recovery points, in order. */
  readonly catalog: readonly CatalogAction[]
  /** Instances whose state the workflow sets. */
  readonly states: Readonly<Record<string, { readonly from: string; readonly to: string }>>
  /** Steps of a workflow of one's own; what they do is not known before they run. */
  readonly unknownSteps: readonly string[]
  readonly timeline: Timeline
  readonly problems: readonly PlanProblem[]
  /** sha256 over all the rest. */
  readonly digest: string
}

export interface PlanOptions {
  readonly taskRetries: number
  readonly taskRetryInterval: Duration
  readonly taskThreadPoolSize: number
}

/** What the plan rests on. When any of it is another by the time it is started, the plan is stale. */
export interface PlanBasis {
  /** Version of fermata: its workflows and bundled plugins. */
  readonly fermata: string
  readonly blueprint: string
  /** Digest of the deployment's inputs. */
  readonly inputs: string
  /** Instance id -> node id. */
  readonly instances: Readonly<Record<string, string>>
  /** States of those instances whose state the workflow looked at. */
  readonly states: Readonly<Record<string, string>>
  /** Name in the blueprint -> where it comes from, and its version or digest. */
  readonly plugins: Readonly<Record<string, string>>
  /** Those that the workflow looked up: id -> digest of what the catalog holds of them. */
  readonly recoveryPoints: Readonly<Record<string, string>>
}

/** What belongs together: one walk, one tier of a bracket. All of it begins when everything in `after` has ended. */
export interface PlannedPhase {
  readonly id: number
  readonly name: string
  readonly after: readonly number[]
  readonly calls: readonly PlannedCall[]
}

/** `call`: outside of a bracket. `verify`: a part is read back. `compare`: a part is compared with what is there. */
export type CallRole = 'freeze' | 'cut' | 'thaw' | 'settle' | 'verify' | 'compare' | 'call'

/** One operation of one instance. */
export interface PlannedCall {
  /** The key of the step that it will be. */
  readonly id: string
  readonly role: CallRole
  readonly instance: string
  readonly node: string
  /** Full name. */
  readonly operation: string
  /** `local.process.freeze`. */
  readonly implementation: string
  /** Kind of the plugin's operation; null when there is no such operation. */
  readonly kind: string | null
  /** Functions evaluated as of now, secrets masked. */
  readonly inputs: JsonObject
  /** Inputs that hang on what earlier calls will find out. */
  readonly unknownInputs: readonly string[]
  /** The operation of a relationship: from whom to whom. */
  readonly relationship?: { readonly source: string; readonly target: string }
  /** What the catalog holds of the instance, for calls on a recovery point. */
  readonly part?: Json
  /** Calls of the same phase that come before it. */
  readonly after: readonly string[]
  /** Counts from 1 over the whole plan; calls of one group may run at the same time. */
  readonly group: number
  /** Median of the last times; null: it was never run here. */
  readonly predicted: Duration | null
  /** From the start of the execution, by the predictions. */
  readonly from: Duration
  readonly to: Duration
}

export interface PlannedBracket {
  readonly name: string
  readonly purpose: 'save' | 'replace'
  readonly lease: Duration
  readonly freezes: readonly PlannedFreeze[]
  /** Only where state is saved. */
  readonly parts: readonly ExpectedPart[]
}

export interface PlannedFreeze {
  readonly instance: string
  readonly node: string
  readonly policy: FreezePolicy
  /** Why it is not frozen; null: it is. */
  readonly left: string | null
  readonly deadman: DeadmanProbe
  /** Up to what its lease may be extended while fermata lives; the lease where it is not extended. */
  readonly maximum: Duration
  /** The longest of the last times; null: it was never frozen here. */
  readonly predicted: Duration | null
  readonly slo: FreezeSlo | null
}

/** The best case: what is measured when it runs may be less. */
export interface ExpectedPart {
  readonly instance: string
  readonly consistency: Consistency
  /** Why it cannot be better; null when it is `application`. */
  readonly reason: string | null
}

export interface CatalogAction {
  readonly action: 'open' | 'find' | 'seal' | 'remove'
  readonly name: string
  /** Only for `open`: the name must still be free then. */
  readonly isIncremental?: boolean
  /** Instances whose parts it is about; empty: all. */
  readonly instances: readonly string[]
}

export interface Timeline {
  readonly length: Duration
  /** How long a call is taken to last of which nothing is known. */
  readonly assumed: Duration
  /** How many calls that is. */
  readonly guessed: number
}

/**
 * An error: the run would be refused, or would fail. A warning: it would run, but not as one may wish. A note: only worth
 * knowing.
 */
export interface PlanProblem {
  readonly severity: 'error' | 'warning' | 'note'
  /** A fault's code, or one of the plan's own. */
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly instance: string | null
}
