// The tables as types: one schema for every database. Columns that hold JSON are text; times are milliseconds (Instant).

export interface Tables {
  readonly meta: { key: string; value: string }
  readonly blueprints: BlueprintRow
  readonly deployments: DeploymentRow
  readonly node_instances: NodeInstanceRow
  readonly executions: ExecutionRow
  readonly steps: StepRow
  readonly events: EventRow
  readonly freezes: FreezeRow
  readonly recovery_points: RecoveryPointRow
  readonly parts: PartRow
  readonly statistics: StatisticRow
  readonly secrets: SecretRow
  readonly engines: EngineRow
  readonly plugins: PluginRow
  readonly blueprint_plugins: BlueprintPluginRow
  readonly traces: TraceRow
  readonly power_states: PowerStateRow
  readonly outbox: OutboxRow
  readonly settings: SettingRow
}

export interface BlueprintRow {
  id: string
  main_file: string
  description: string | null
  digest: string
  plan: string
  created_at: number
}

export interface DeploymentRow {
  id: string
  blueprint_id: string
  inputs: string
  /** Nodes, instances, outputs and capabilities, as prepared; the plan itself stands with the blueprint. */
  prepared: string
  created_at: number
}

export interface NodeInstanceRow {
  deployment_id: string
  id: string
  node_id: string
  state: string
  runtime_properties: string
}

export interface ExecutionRow {
  id: string
  deployment_id: string
  blueprint_id: string
  workflow: string
  status: string
  parameters: string
  options: string
  created_at: number
  ended_at: number | null
  error: string | null
  result: string | null
  /** The engine that runs it; null when none does. */
  engine_id: string | null
}

export interface StepRow {
  execution_id: string
  key: string
  /** intent | done | failed */
  state: string
  attempt: number
  result: string | null
  fault: string | null
  started_at: number
  ended_at: number | null
}

export interface EventRow {
  execution_id: string
  sequence: number
  time: number
  kind: string
  level: string | null
  instance_id: string | null
  operation: string | null
  source_id: string | null
  target_id: string | null
  message: string
}

export interface FreezeRow {
  execution_id: string
  bracket: string
  instance_id: string
  token: string
  deadman: string | null
  inputs: string
  frozen_at: number
  until: number
  thawed_at: number | null
  expired: number
  node_id: string
  deployment_id: string
  /** guest | host | platform | none */
  kind: string
  /** When it was seen to be frozen; null when that was never seen. */
  seen_frozen_at: number | null
  /** Places among all begins and ends of freezes of the execution. */
  begun: number
  seen: number | null
}

export interface RecoveryPointRow {
  id: string
  deployment_id: string
  name: string
  /** 1: incremental snapshots, 0: full backups. */
  incremental: number
  type: string
  /** open | good | partial | deleting */
  status: string
  execution_id: string
  blueprint_digest: string
  created_at: number
  sealed_at: number | null
  /** application | filesystem | crash, the lowest of its parts; null for what an older version saved. */
  consistency: string | null
  inputs_digest: string | null
  /** The recovery point that this incremental one rests on. */
  parent_id: string | null
  /** Why it may not be deleted; null: it may. */
  held: string | null
  verified_at: number | null
  /** JSON: what the last verification found. */
  verification: string | null
  /** JSON: common frozen interval, skew, groups. */
  frozen: string | null
  /** JSON: instance id -> fault, of parts that a partial one lacks. */
  missing: string | null
}

export interface PartRow {
  recovery_point_id: string
  instance_id: string
  /** What the operation returned, a Part for operations with two halves. */
  result: string
  node_id: string
  /** The implementation that made it, `plugin.operation`. */
  operation: string
  provider_id: string | null
  parent_provider_id: string | null
  bytes: number | null
  digest: string | null
  consistency: string | null
  /** Why the label is not better; null when it is the best. */
  reason: string | null
  cut_from: number | null
  cut_to: number | null
  /** When its deletion began; null: it is there. */
  deleting_at: number | null
}

export interface StatisticRow {
  deployment_id: string
  instance_id: string
  name: string
  unit: string | null
  time: number
  value: number
}

export interface SecretRow {
  name: string
  /** AES-256-GCM: 12 bytes nonce, 16 bytes tag, then the text. */
  sealed: Uint8Array
  created_at: number
  updated_at: number
}

export interface EngineRow {
  id: string
  process: string
  started_at: number
}

/** A plugin that was uploaded. */
export interface PluginRow {
  package: string
  version: string
  description: string | null
  digest: string
  /** Text of its plugin.yaml. */
  yaml: string
  /** Names of its files. */
  files: string
  /** Operations, workflows and node types. */
  provides: string
  created_at: number
}

/** Which packages a blueprint's plan names. */
export interface BlueprintPluginRow {
  blueprint_id: string
  package: string
  version: string
}

/** The moments that went to disk with one commit. */
export interface TraceRow {
  execution_id: string
  /** Counts from 1 within the execution. */
  batch: number
  /** JSON: a list of TraceRecord. */
  records: string
}

/** What suspend found, until resume has put it back. */
export interface PowerStateRow {
  deployment_id: string
  instance_id: string
  /** running | suspended | stopped */
  state: string
  execution_id: string
  found_at: number
}

/** A mail for one person about one end of an execution. */
export interface OutboxRow {
  execution_id: string
  ended_at: number
  address: string
  /** queued | claimed | sending | sent | failed | unknown */
  status: string
  message_id: string
  subject: string
  body: string
  html: string
  attempts: number
  /** Not before; null: at once. */
  next_at: number | null
  settled_at: number | null
  /** What was said against it last. */
  error: string | null
  /** The engine that is sending it. */
  engine_id: string | null
}

/** `value` is JSON. */
export interface SettingRow {
  name: string
  value: string
}
