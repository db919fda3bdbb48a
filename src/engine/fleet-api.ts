// What the outside may ask about commands on many hosts.
import type { Duration, Instant } from '../kernel/duration.ts'
import type { FaultRecord } from '../kernel/fault.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { InventoryHost } from '../plugins/contract/fleet.ts'
import type { ExecutionDetails, ExecutionRecord, StartOptions } from './api.ts'

/** How hosts that no blueprint describes are reached. Names are those of the properties of `fermata.nodes.ssh.Host`. */
export interface FleetLogin {
  readonly user?: string
  /** Paths of private keys. */
  readonly keys?: readonly string[]
  /** Names of secrets. */
  readonly keySecret?: string
  readonly passwordSecret?: string
  readonly sudoPasswordSecret?: string
  readonly useAgent?: boolean
  /** Outermost first. */
  readonly jumps?: readonly (InventoryHost & { readonly key?: string })[]
  readonly knownHosts?: readonly string[]
  readonly trustOnFirstUse?: boolean
  readonly connectTimeout?: Duration
}

/** Which hosts: of a deployment, or a list of them, or what a plugin's inventory tells. */
export type FleetHosts =
  | { readonly deploymentId: string }
  | { readonly hosts: readonly InventoryHost[]; readonly login: FleetLogin }
  | { readonly plugin: string; readonly query: string; readonly login: FleetLogin }

export interface FleetStart extends Omit<StartOptions, 'workflow' | 'deploymentId' | 'allowCustomParameters'> {
  readonly on: FleetHosts
  /** Of run_on_hosts. */
  readonly parameters: JsonObject
}

/** `in_doubt`: it may have run, and only a person can tell. */
export const fleetHostStates = ['done', 'failed', 'in_doubt', 'running', 'not_begun'] as const
export type FleetHostState = (typeof fleetHostStates)[number]

export interface FleetHostReport {
  readonly host: string
  readonly instanceId: string
  readonly state: FleetHostState
  /** One for each command that began, then those of the reboot and the check. */
  readonly steps: readonly FleetStepReport[]
  readonly startedAt: Instant | null
  readonly endedAt: Instant | null
}

export interface FleetStepReport {
  /** `command-1`, `command-2`, ..., `reboot`, `check` */
  readonly name: string
  readonly state: 'done' | 'failed' | 'running'
  readonly attempts: number
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  readonly stdoutBytes: number
  readonly stderrBytes: number
  readonly error: FaultRecord | null
}

export interface FleetReport {
  readonly execution: ExecutionRecord
  readonly counts: Readonly<Record<FleetHostState, number>>
  readonly hosts: readonly FleetHostReport[]
}

export interface Fleet {
  /** @throws Fault `fleet.bad_inventory` */
  run(options: FleetStart): Promise<ExecutionDetails>
  list(): Promise<readonly ExecutionRecord[]>
  /** @throws Fault `usage.not_found` for anything but a run of run_on_hosts */
  show(executionId: string): Promise<FleetReport>
}
