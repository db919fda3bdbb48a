// What the outside (CLI, server, authors) may ask of fermata. One interface, whatever store or machine stands behind it.
import type { ParameterSchema, Plan, PlannedWorkflow } from '../blueprint/plan.ts'
import type { Problem } from '../blueprint/problem.ts'
import type { Duration, Instant } from '../kernel/duration.ts'
import type { FaultRecord } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { ExecutionLogs } from './execution-log.ts'
import type { Backups } from './backups-api.ts'
import type { BracketReport } from './bracket-reports.ts'
import type { Fleet } from './fleet-api.ts'
import type { OpenstackServers } from './openstack-servers-api.ts'
import type { Mails, Notify } from './mail-api.ts'
import type { FrozenRecord, ThawOptions, ThawReport } from './frozen.ts'
import type { ExecutionPlan } from '../lifecycle/plan/execution-plan.ts'
import type { PlannedStart } from './execution-plan-start.ts'
import type { PlanQuestion } from './execution-plan.ts'
import type { Simulations } from './simulation/simulations.ts'
import type { VsphereVCenters } from './vsphere-vcenters-api.ts'

export const executionStatuses = ['pending', 'started', 'cancelling', 'terminated', 'failed', 'cancelled'] as const
/** `terminated` is success, as in Cloudify. */
export type ExecutionStatus = (typeof executionStatuses)[number]

export interface BlueprintRecord {
  readonly id: string
  readonly mainFile: string
  readonly description: string | null
  readonly createdAt: Instant
  /** sha256 over names and content of its files. */
  readonly digest: string
}

export interface BlueprintDetails extends BlueprintRecord {
  readonly dslVersion: string
  readonly inputs: Readonly<Record<string, ParameterSchema>>
  readonly workflows: Readonly<Record<string, PlannedWorkflow>>
  readonly nodes: readonly { readonly id: string; readonly type: string }[]
  readonly deployments: readonly string[]
}

export interface DeploymentRecord {
  readonly id: string
  readonly blueprintId: string
  readonly inputs: JsonObject
  readonly createdAt: Instant
  readonly instances: number
}

export interface DeploymentDetails extends DeploymentRecord {
  readonly workflows: readonly WorkflowRecord[]
}

export interface WorkflowRecord {
  readonly name: string
  readonly description: string | null
  readonly parameters: Readonly<Record<string, ParameterSchema>>
}

export interface ExecutionRecord {
  readonly id: string
  readonly workflow: string
  readonly deploymentId: string
  readonly blueprintId: string
  readonly status: ExecutionStatus
  readonly parameters: JsonObject
  readonly createdAt: Instant
  readonly endedAt: Instant | null
  readonly error: FaultRecord | null
  /** What the workflow returned. */
  readonly result: Json
}

export interface ExecutionDetails extends ExecutionRecord {
  /** Digest of the plan that it was started by; null: by none. */
  readonly planDigest: string | null
  readonly freezes: readonly FreezeWindow[]
  readonly brackets: readonly BracketReport[]
}

/** How long one instance was frozen, as seen by us: from the call of the freeze to the end of the thaw. */
export interface FreezeWindow {
  readonly instanceId: string
  readonly frozenAt: Instant
  readonly thawedAt: Instant | null
  readonly length: Duration | null
  /** The deadman thawed it, not we. */
  readonly expired: boolean
  /** Which round of which bracket: `backup#1`. */
  readonly bracket: string
  /** guest | host | platform | none: where the deadman lived. */
  readonly kind: string
}

export const eventKinds = [
  'workflow_started',
  'workflow_succeeded',
  'workflow_failed',
  'workflow_cancelled',
  'workflow_stage',
  'workflow_node_event',
  'sending_task',
  'task_started',
  'task_succeeded',
  'task_failed',
  'task_rescheduled',
  'plugin_event',
  'mail',
  'log',
] as const
export type EventKind = (typeof eventKinds)[number]

export interface EventRecord {
  /** Counts from 1 within its execution, without gaps. */
  readonly sequence: number
  readonly executionId: string
  readonly deploymentId: string
  readonly time: Instant
  readonly kind: EventKind
  /** Upper case, for logs: `INFO`. */
  readonly level: string | null
  readonly instanceId: string | null
  /** Full operation name. */
  readonly operation: string | null
  /** For relationship operations. */
  readonly sourceId: string | null
  readonly targetId: string | null
  readonly message: string
}

export interface NodeRecord {
  readonly id: string
  readonly type: string
  readonly typeHierarchy: readonly string[]
  readonly hostId: string | null
  readonly instances: number
  readonly properties: JsonObject
  readonly operations: readonly string[]
}

export interface NodeInstanceRecord {
  readonly id: string
  readonly nodeId: string
  readonly deploymentId: string
  readonly hostId: string | null
  readonly state: string
  readonly runtimeProperties: JsonObject
  readonly relationships: readonly { readonly type: string; readonly targetId: string }[]
}

/** One statistic of one instance over time, oldest first. */
export interface StatisticsSeries {
  readonly instanceId: string
  readonly name: string
  readonly unit: string | null
  readonly points: readonly { readonly time: Instant; readonly value: number }[]
}

export interface PluginRecord {
  /** Of an uploaded one its package. */
  readonly name: string
  readonly version: string
  readonly source: 'bundled' | 'uploaded'
  /** null: it came with fermata. */
  readonly uploadedAt: Instant | null
  readonly description: string | null
  readonly operations: readonly { readonly name: string; readonly kind: string; readonly deadman: string | null }[]
  readonly workflows: readonly string[]
  readonly nodeTypes: readonly string[]
}

export interface SecretRecord {
  readonly name: string
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface StatusRecord {
  readonly version: string
  readonly node: string
  readonly home: string
  readonly store: { readonly kind: 'sqlite'; readonly schema: number; readonly bytes: number }
  readonly blueprints: number
  readonly deployments: number
  readonly executions: Readonly<Record<ExecutionStatus, number>>
  /** Instances that the freeze ledger holds as frozen now. */
  readonly frozen: readonly FrozenRecord[]
  /** Executions whose process is gone. */
  readonly interrupted: readonly string[]
}

export interface StartOptions {
  readonly workflow: string
  readonly deploymentId: string
  readonly parameters?: JsonObject
  /** Default 0; -1: no limit. */
  readonly taskRetries?: number
  readonly taskRetryInterval?: Duration
  /** How many operations may run at once. Default 8. */
  readonly taskThreadPoolSize?: number
  readonly allowCustomParameters?: boolean
  /** Wait when another execution runs on the deployment; otherwise that is fault `engine.busy`. */
  readonly wait?: boolean
  /** Who gets a mail when it has ended; default: as the home's settings for mail say. */
  readonly notify?: Notify
  /** Called with every event, in order, once it is durable. */
  readonly onEvent?: (event: EventRecord) => void
  /** Called as soon as the execution has an id. */
  readonly onStarted?: (execution: ExecutionRecord) => void
  /** Aborting it cancels the execution. */
  readonly signal?: AbortSignal
}

export interface ResumeOptions extends Pick<
  StartOptions,
  'onEvent' | 'onStarted' | 'signal' | 'taskRetries' | 'taskRetryInterval' | 'taskThreadPoolSize' | 'wait' | 'notify'
> {
  /** Only what failed is run again. @throws Fault `engine.nothing_failed` */
  readonly failedOnly?: boolean
  /** What a person found out about operations in doubt: `done` or `not-done` for the only one, or step key -> answer. */
  readonly assume?: Assumption | Readonly<Record<string, Assumption>>
}

/** Whether an operation took effect whose outcome nobody could tell. */
export type Assumption = 'done' | 'not-done'

export interface CancelOptions {
  /** Resolves only when the execution has ended; default: when it was asked to. */
  readonly wait?: boolean
  /** Aborting it ends the waiting, not the cancel. */
  readonly signal?: AbortSignal
}

export interface EventQuery {
  readonly executionId: string
  /** Only events with a higher sequence. */
  readonly after?: number
  readonly limit?: number
}

/** A blueprint as the user has it: a YAML file (its folder comes along), a folder, or an archive. */
export interface BlueprintSource {
  readonly path: string
  /** Main file below the folder or archive; default `blueprint.yaml`. */
  readonly mainFile?: string
}

/** A plugin as the user has it: a folder, an archive, or its YAML file (whose folder comes along). */
export interface PluginSource {
  readonly path: string
  /** Its YAML file below the folder or archive; default `plugin.yaml`. */
  readonly yamlFile?: string
}

export type Validation = { readonly problems: readonly Problem[]; readonly source: Readonly<Record<string, string>> }

/** Every method throws Fault, and only Fault. Lists are sorted by creation time. */
export interface Fermata extends AsyncDisposable {
  readonly home: string
  blueprints: {
    /** @throws BlueprintRefused when it has problems. */
    upload(id: string, source: BlueprintSource): Promise<BlueprintRecord>
    /** Errors, or when there are none, warnings; `source` has the text of each file that a problem names. */
    validate(source: BlueprintSource): Promise<Validation>
    /** The plan of an uploaded blueprint by its id, or of one that is only read. @throws BlueprintRefused */
    plan(source: string | BlueprintSource): Promise<Plan>
    list(): Promise<readonly BlueprintRecord[]>
    get(id: string): Promise<BlueprintDetails>
    delete(id: string): Promise<void>
  }
  deployments: {
    /** @throws BlueprintRefused when the inputs have problems. */
    create(id: string, blueprintId: string, inputs: JsonObject): Promise<DeploymentRecord>
    list(): Promise<readonly DeploymentRecord[]>
    get(id: string): Promise<DeploymentDetails>
    /** Outputs and capabilities with all functions evaluated. */
    outputs(id: string): Promise<{ readonly outputs: JsonObject; readonly capabilities: JsonObject }>
    delete(id: string): Promise<void>
  }
  executions: {
    /** Runs to the end in this process. A failed execution is a record with status `failed`, not a throw. */
    start(options: StartOptions | PlannedStart): Promise<ExecutionDetails>
    /** What `start` would do; nothing is changed. What speaks against it stands in the plan's problems. */
    plan(question: PlanQuestion): Promise<ExecutionPlan>
    /** Carries on an execution that failed, was cancelled, or whose process is gone. */
    resume(id: string, options?: ResumeOptions): Promise<ExecutionDetails>
    list(query?: { readonly deploymentId?: string }): Promise<readonly ExecutionRecord[]>
    get(id: string): Promise<ExecutionDetails>
    log: ExecutionLogs['log']
    check: ExecutionLogs['check']
    /** Asks the process that runs it to stop; thaws and ends it here when that process is gone. */
    cancel(id: string, options?: CancelOptions): Promise<ExecutionRecord>
  }
  backups: Backups
  fleet: Fleet
  openstack: OpenstackServers
  vsphere: VsphereVCenters
  mails: Mails
  events: {
    list(query: EventQuery): Promise<readonly EventRecord[]>
    /** Yields events as they come and ends when the execution has. */
    follow(query: EventQuery & { readonly signal?: AbortSignal }): AsyncIterable<EventRecord>
  }
  nodes: { list(deploymentId: string): Promise<readonly NodeRecord[]> }
  nodeInstances: {
    list(deploymentId: string): Promise<readonly NodeInstanceRecord[]>
    get(id: string): Promise<NodeInstanceRecord>
    statistics(id: string): Promise<readonly StatisticsSeries[]>
  }
  simulations: Simulations
  plugins: {
    /** @throws BlueprintRefused when its plugin.yaml has problems. */
    upload(source: PluginSource): Promise<PluginRecord>
    /** Those that came with fermata, then the uploaded ones by name, of each the newest first. */
    list(): Promise<readonly PluginRecord[]>
    /** Without a version the newest. */
    get(name: string, version?: string): Promise<PluginRecord>
    /** The version has to be named when there are several. @throws Fault `usage.in_use` while a blueprint uses it. */
    delete(name: string, version?: string): Promise<{ readonly name: string; readonly version: string }>
  }
  secrets: {
    create(name: string, value: string, options?: { readonly replace?: boolean }): Promise<SecretRecord>
    get(name: string): Promise<SecretRecord & { readonly value: string }>
    list(): Promise<readonly SecretRecord[]>
    delete(name: string): Promise<void>
  }
  status(): Promise<StatusRecord>
  /** Thaws everything that is frozen and that no living process looks after, and starts nothing. */
  thaw(options?: ThawOptions): Promise<ThawReport>
}
