// The plan: a blueprint in normal form. Plain data, JSON all through, never changed after it was made.
import type { Json, JsonObject } from '../kernel/json.ts'

export interface Plan {
  /** `cloudify_dsl_1_3`. */
  readonly dslVersion: string
  readonly description: string | null
  readonly metadata: JsonObject
  readonly inputs: Readonly<Record<string, ParameterSchema>>
  /** In the order of the file. */
  readonly nodes: readonly PlannedNode[]
  /** Type name -> hierarchy, root first. */
  readonly relationshipTypes: Readonly<Record<string, readonly string[]>>
  readonly dataTypes: JsonObject
  readonly outputs: Readonly<Record<string, PlannedValue>>
  readonly capabilities: Readonly<Record<string, PlannedValue>>
  readonly workflows: Readonly<Record<string, PlannedWorkflow>>
  readonly plugins: Readonly<Record<string, PlannedPlugin>>
  readonly groups: JsonObject
  readonly scalingGroups: JsonObject
  readonly policies: JsonObject
  readonly policyTypes: JsonObject
  readonly policyTriggers: JsonObject
  readonly labels: JsonObject
  readonly blueprintLabels: JsonObject
  readonly resourceTags: JsonObject
  readonly deploymentSettings: JsonObject
  /** Namespace -> id of the blueprint imported under it. */
  readonly namespaces: JsonObject
  readonly importedBlueprints: readonly string[]
  /** Names of secrets that the plan asks for by a literal name. */
  readonly secrets: readonly string[]
}

/** Schema of an input or of a workflow parameter, as written. */
export interface ParameterSchema {
  readonly type?: string
  readonly default?: Json
  readonly description?: string
  readonly required?: boolean
  readonly constraints?: Json
  readonly item_type?: string
  readonly display_label?: string
  readonly hidden?: boolean
}

export interface PlannedValue {
  readonly description?: string
  readonly value: Json
}

export interface PlannedPlugin {
  readonly name: string
  readonly executor: string
  readonly install: boolean
  readonly source: string | null
  readonly packageName: string | null
  readonly packageVersion: string | null
  readonly properties: JsonObject
  /** Whatever else the blueprint says of it, by its wire name. */
  readonly written: JsonObject
}

export interface PlannedNode {
  readonly id: string
  readonly type: string
  /** Root type first, the node's own type last. */
  readonly typeHierarchy: readonly string[]
  /** Defaults merged in; intrinsic functions still stand as written. */
  readonly properties: JsonObject
  /** `interface.operation` -> operation. An operation that does nothing has plugin ''. */
  readonly operations: Readonly<Record<string, PlannedOperation>>
  readonly relationships: readonly PlannedRelationship[]
  /** `max` -1: no limit. Numbers, or functions that a deployment evaluates to numbers. */
  readonly instances: { readonly default: Json; readonly min: Json; readonly max: Json }
  readonly hostId: string | null
  readonly plugins: readonly string[]
}

export interface PlannedOperation {
  readonly plugin: string
  /** What stands after the plugin's name: `process.freeze`, `script_runner.tasks.run`. */
  readonly operation: string
  readonly executor: string | null
  /** For scripts with `script_path` or `script_source` among them. Intrinsic functions still stand as written. */
  readonly inputs: JsonObject
  readonly hasIntrinsicFunctions: boolean
  /** Input -> the type that the operation's own type declares for it; inputs without one are absent. */
  readonly inputTypes?: Readonly<Record<string, string>>
  /** null: the run's default. -1: no limit. */
  readonly maxRetries: number | null
  /** Seconds. null: the run's default. */
  readonly retryInterval: number | null
  /** Seconds. null: none. */
  readonly timeout: number | null
  readonly timeoutRecoverable: boolean | null
}

export interface PlannedRelationship {
  readonly type: string
  readonly typeHierarchy: readonly string[]
  readonly target: string
  readonly properties: JsonObject
  readonly sourceOperations: Readonly<Record<string, PlannedOperation>>
  readonly targetOperations: Readonly<Record<string, PlannedOperation>>
}

export interface PlannedWorkflow {
  readonly plugin: string
  readonly operation: string
  readonly parameters: Readonly<Record<string, ParameterSchema>>
  readonly isCascading: boolean
  readonly availabilityRules: JsonObject | null
}

/** A plan with inputs: functions of deployment time are evaluated, instances are made. */
export interface Deployment {
  readonly plan: Plan
  readonly inputs: JsonObject
  /** The plan's nodes with evaluated properties and operation inputs, in the plan's order. */
  readonly nodes: readonly PlannedNode[]
  readonly instances: readonly PlannedInstance[]
  readonly outputs: Readonly<Record<string, PlannedValue>>
  readonly capabilities: Readonly<Record<string, PlannedValue>>
  /** The plan's, with functions evaluated. */
  readonly labels: JsonObject
  readonly policies: JsonObject
  readonly scalingGroups: JsonObject
  readonly deploymentSettings: JsonObject
  /** Node or scaling group -> instances inside each instance of its container, where that was changed since. */
  readonly scale?: Readonly<Record<string, number>>
}

export interface PlannedInstance {
  /** `name_x1y2z3`. */
  readonly id: string
  readonly nodeId: string
  /** Counts the node's instances from 1. */
  readonly index: number
  readonly hostId: string | null
  readonly relationships: readonly InstanceRelationship[]
  readonly scalingGroups: readonly { readonly name: string; readonly id: string }[]
}

export interface InstanceRelationship {
  readonly type: string
  /** Which of the node's relationships this one comes from. */
  readonly position: number
  readonly targetNodeId: string
  readonly targetId: string
}
