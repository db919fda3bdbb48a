// Rows of the catalog as records of the API.
import type { Instant } from '../kernel/duration.ts'
import type { FaultRecord } from '../kernel/fault.ts'
import {
  childrenOf,
  isDamaged,
  isVerified,
  parentsOf,
  verificationOf,
  type CatalogRows,
} from '../lifecycle/catalog-rules.ts'
import type { Consistency } from '../plugins/contract/consistency.ts'
import type { FrozenTogether } from '../plugins/contract/workflow.ts'
import type { Copy, CopyStatus } from '../schedule/retention/policy.ts'
import type { PartRow, RecoveryPointRow } from '../store/tables.ts'
import type { BackupDetails, BackupLink, BackupPart, BackupRecord } from './backups-api.ts'

export interface BackupRows extends CatalogRows {
  /** Executions that have not ended. */
  readonly active: ReadonlySet<string>
}

export function backupRecord(row: RecoveryPointRow, rows: BackupRows): BackupRecord {
  const parts = rows.parts.filter((part) => part.recovery_point_id === row.id)
  const told = parts.flatMap((part) => (part.bytes === null ? [] : [part.bytes]))
  return {
    id: row.id,
    deploymentId: row.deployment_id,
    name: row.name,
    kind: row.incremental === 1 ? 'incremental' : 'full',
    type: row.type,
    status: statusOf(row, rows),
    createdAt: row.created_at,
    sealedAt: row.sealed_at,
    consistency: row.consistency as Consistency | null,
    parts: parts.length,
    bytes: told.length === 0 ? null : told.reduce((sum, bytes) => sum + bytes, 0),
    held: row.held,
    verifiedAt: row.verified_at,
    isVerified: isVerified(row),
    executionId: row.execution_id,
  }
}

export function backupDetails(row: RecoveryPointRow, rows: BackupRows): BackupDetails {
  const verification = verificationOf(row)
  const parts = rows.parts.filter((part) => part.recovery_point_id === row.id)
  return {
    ...backupRecord(row, rows),
    blueprintDigest: row.blueprint_digest,
    inputsDigest: row.inputs_digest,
    partList: parts.map((part) => partRecord(part, verification?.[part.instance_id] ?? null)),
    missing: row.missing === null ? {} : (JSON.parse(row.missing) as Record<string, FaultRecord>),
    frozen: row.frozen === null ? [] : (JSON.parse(row.frozen) as FrozenTogether[]),
    lineage: lineageOf(row, rows),
    children: childrenOf(rows, row).map(linkOf),
  }
}

/** As retention looks at them. */
export function copiesOf(rows: BackupRows): readonly Copy[] {
  const parents = parentsOf(rows)
  return rows.points.map((row) => ({
    id: row.id,
    name: row.name,
    createdAt: row.created_at as Instant,
    status: statusOf(row, rows),
    isVerified: isVerified(row),
    isHeld: row.held !== null,
    parentIds: [...(parents.get(row.id) ?? [])],
  }))
}

export const linkOf = ({ id, name }: BackupLink): BackupLink => ({ id, name })

function statusOf(row: RecoveryPointRow, { active }: BackupRows): CopyStatus {
  if (row.status === 'open') return active.has(row.execution_id) ? 'running' : 'open'
  if (row.status === 'deleting') return 'deleting'
  if (isDamaged(row)) return 'damaged'
  return row.status === 'partial' ? 'partial' : 'good'
}

function partRecord(part: PartRow, verified: BackupPart['verified']): BackupPart {
  const { cut_from: cutFrom, cut_to: cutTo } = part
  return {
    instanceId: part.instance_id,
    nodeId: part.node_id,
    operation: part.operation,
    providerId: part.provider_id,
    parentProviderId: part.parent_provider_id,
    bytes: part.bytes,
    digest: part.digest,
    consistency: part.consistency as Consistency | null,
    reason: part.reason,
    cutFrom,
    cutTo,
    window: cutFrom === null || cutTo === null ? null : cutTo - cutFrom,
    verified,
    isBeingDeleted: part.deleting_at !== null,
  }
}

function lineageOf(row: RecoveryPointRow, rows: BackupRows): readonly BackupLink[] {
  const parents = parentsOf(rows)
  const found = new Set<string>()
  let nearest = [row.id]
  while (nearest.length > 0) {
    nearest = nearest.flatMap((id) => [...(parents.get(id) ?? [])]).filter((id) => !found.has(id) && id !== row.id)
    for (const id of nearest) found.add(id)
  }
  return [...found].flatMap((id) => rows.points.filter((point) => point.id === id).map(linkOf))
}
