// What the outside may ask of the catalog of backups.
import type { Duration, Instant } from '../kernel/duration.ts'
import type { FaultRecord } from '../kernel/fault.ts'
import type { PartComparison } from '../plugins/contract/comparison.ts'
import type { Consistency } from '../plugins/contract/consistency.ts'
import type { FrozenTogether, PartState } from '../plugins/contract/workflow.ts'
import type { CopyStatus, RetentionPolicy } from '../schedule/retention/policy.ts'
import type { ExecutionDetails, StartOptions } from './api.ts'

export interface BackupRecord {
  /** Of the recovery point in the catalog. */
  readonly id: string
  readonly deploymentId: string
  readonly name: string
  readonly kind: 'full' | 'incremental'
  /** As it was called when it was made: `daily`. */
  readonly type: string
  readonly status: CopyStatus
  readonly createdAt: Instant
  readonly sealedAt: Instant | null
  /** The lowest of its parts; null when that is not on record. */
  readonly consistency: Consistency | null
  readonly parts: number
  /** Of those parts whose providers tell it; null when none does. */
  readonly bytes: number | null
  /** Why it may not be deleted; null: it may. */
  readonly held: string | null
  /** When its parts were last read back. */
  readonly verifiedAt: Instant | null
  /** Every part was read back and is usable. */
  readonly isVerified: boolean
  readonly executionId: string
}

export interface BackupPart {
  readonly instanceId: string
  readonly nodeId: string
  /** The implementation that made it, `plugin.operation`. */
  readonly operation: string
  readonly providerId: string | null
  readonly parentProviderId: string | null
  readonly bytes: number | null
  readonly digest: string | null
  readonly consistency: Consistency | null
  /** Why the label is not better. */
  readonly reason: string | null
  readonly cutFrom: Instant | null
  readonly cutTo: Instant | null
  /** How long its cut took. */
  readonly window: Duration | null
  /** What the last read-back found; null: there was none. */
  readonly verified: { readonly state: PartState; readonly reason: string | null } | null
  readonly isBeingDeleted: boolean
}

export interface BackupLink {
  readonly id: string
  readonly name: string
}

export interface BackupDetails extends BackupRecord {
  readonly blueprintDigest: string
  readonly inputsDigest: string | null
  readonly partList: readonly BackupPart[]
  /** Instances that should have a part, and why they have none. */
  readonly missing: Readonly<Record<string, FaultRecord>>
  /** Who stood still together, and for how long. */
  readonly frozen: readonly FrozenTogether[]
  /** The backups that it rests on, nearest first. */
  readonly lineage: readonly BackupLink[]
  /** Those that rest on it. */
  readonly children: readonly BackupLink[]
}

/** Which backup: its id, an unambiguous beginning of that, or its name. */
export interface BackupQuery {
  /** Where to look for it; needed for names that several deployments use. */
  readonly deploymentId?: string | undefined
}

export type BackupControl = BackupQuery & Pick<StartOptions, 'wait' | 'onEvent' | 'onStarted' | 'signal'>

export interface ComparisonControl extends BackupControl {
  /** Only these node instances; default: all. */
  readonly instances?: readonly string[]
}

export interface RemovalControl extends BackupControl {
  /** Also when it is the last good, or the last verified one. */
  readonly breakFloor?: boolean
  /** Also those that rest on it. */
  readonly withChildren?: boolean
}

export interface RetentionDecision {
  readonly id: string
  readonly name: string
  readonly status: CopyStatus
  readonly createdAt: Instant
  readonly action: 'keep' | 'delete'
  readonly reasons: readonly string[]
}

/** What came of deleting: executions of `remove_backup`, one for each backup, in their order. */
export interface RemovalOutcome {
  readonly deleted: readonly BackupLink[]
  readonly failed: readonly (BackupLink & { readonly error: FaultRecord | null })[]
  readonly executions: readonly string[]
}

/** Every method throws `catalog.no_such_backup` or `catalog.ambiguous` for a backup that it cannot tell. */
export interface Backups {
  list(query?: BackupQuery): Promise<readonly BackupRecord[]>
  get(backup: string, query?: BackupQuery): Promise<BackupDetails>
  /** Reads every part back, as an execution of `verify_backup`; the result is kept. */
  verify(
    backup: string,
    options?: BackupControl,
  ): Promise<{ readonly backup: BackupDetails; readonly execution: ExecutionDetails }>
  /** Compares every part with the blueprint and with what is there now, as an execution of `compare_backup`. */
  compare(
    backup: string,
    options?: ComparisonControl,
  ): Promise<{
    readonly backup: BackupDetails
    /** By instance id; null: its provider offers no comparison. */
    readonly parts: Readonly<Record<string, PartComparison | null>>
    readonly execution: ExecutionDetails
  }>
  hold(backup: string, reason: string, query?: BackupQuery): Promise<BackupRecord>
  release(backup: string, query?: BackupQuery): Promise<BackupRecord>
  /** @throws Fault `catalog.held`, `catalog.still_needed`, `catalog.last_good` */
  delete(backup: string, options?: RemovalControl): Promise<RemovalOutcome>
  /** What a policy would keep and delete now, and why. */
  explain(deploymentId: string, policy: RetentionPolicy): Promise<readonly RetentionDecision[]>
  /** Deletes what the policy does not keep. */
  prune(
    deploymentId: string,
    policy: RetentionPolicy,
    options?: Omit<BackupControl, 'deploymentId'>,
  ): Promise<RemovalOutcome & { readonly decisions: readonly RetentionDecision[] }>
}
