// The rules of the catalog, read off its rows alone so that all who ask agree: which recovery points count as good,
// which as verified, what rests on what, and what speaks against deleting one.
import { fault, type Fault } from '../kernel/fault.ts'
import type { FloorRule, LastOf, Verification } from '../plugins/contract/workflow.ts'
import type { PartRow, RecoveryPointRow } from '../store/tables.ts'

type Judged = Pick<RecoveryPointRow, 'status' | 'verification'>

/** All recovery points of one deployment with their parts. */
export interface CatalogRows {
  readonly points: readonly RecoveryPointRow[]
  readonly parts: readonly PartRow[]
}

export function verificationOf(row: Pick<RecoveryPointRow, 'verification'>): Verification | null {
  return row.verification === null ? null : (JSON.parse(row.verification) as Verification)
}

/** Some part was read back and found to be damaged or gone. */
export function isDamaged(row: Judged): boolean {
  return Object.values(verificationOf(row) ?? {}).some(({ state }) => state === 'damaged' || state === 'missing')
}

/** Complete, and not found damaged since. */
export function isGood(row: Judged): boolean {
  return row.status === 'good' && !isDamaged(row)
}

/** Good, and every part was read back: one that nobody could look at does not count as seen. */
export function isVerified(row: Judged): boolean {
  const parts = Object.values(verificationOf(row) ?? {})
  return isGood(row) && parts.length > 0 && parts.every(({ state }) => state === 'usable')
}

/** Recovery point -> those on which its parts rest. */
export function parentsOf({ parts }: CatalogRows): ReadonlyMap<string, ReadonlySet<string>> {
  const holders = Map.groupBy(parts, (part) => part.provider_id)
  const parents = new Map<string, Set<string>>()
  for (const part of parts) {
    if (part.parent_provider_id === null) continue
    for (const { recovery_point_id: parent } of holders.get(part.parent_provider_id) ?? []) {
      if (parent === part.recovery_point_id) continue
      const known = parents.get(part.recovery_point_id) ?? new Set()
      parents.set(part.recovery_point_id, known.add(parent))
    }
  }
  return parents
}

/** Recovery points of which a part rests on one of these parts of `point`. */
export function childrenOf(
  { points, parts }: CatalogRows,
  point: Pick<RecoveryPointRow, 'id'>,
  instanceIds?: readonly string[],
): readonly RecoveryPointRow[] {
  const own = parts.filter(
    (part) => part.recovery_point_id === point.id && (instanceIds?.includes(part.instance_id) ?? true),
  )
  const ids = new Set(own.map((part) => part.provider_id))
  const resting = parts.filter((part) => part.parent_provider_id !== null && ids.has(part.parent_provider_id))
  const needing = new Set(resting.map((part) => part.recovery_point_id))
  return points.filter((row) => row.id !== point.id && needing.has(row.id))
}

/** The last good one, or the last verified one, of its deployment; null: neither. */
export function lastOfKind({ points }: CatalogRows, point: RecoveryPointRow): LastOf | null {
  const others = points.filter((row) => row.id !== point.id)
  if (isGood(point) && !others.some(isGood)) return 'good'
  return isVerified(point) && !others.some(isVerified) ? 'verified' : null
}

/** What speaks against deleting these parts of `point`. */
export function removalProblem(
  rows: CatalogRows,
  point: RecoveryPointRow,
  floor: FloorRule,
  instanceIds?: readonly string[],
): Fault | null {
  // It was allowed when it began, and nothing has come to rest on it since.
  if (point.status === 'deleting') return null
  const { id, name, deployment_id: deployment } = point
  if (point.held !== null) return fault('catalog.held', { details: { name, reason: point.held, id } })
  const children = childrenOf(rows, point, instanceIds)
  if (children.length > 0) {
    const needed = children.map((row) => `'${row.name}' (${row.id})`).join(', ')
    return fault('catalog.still_needed', { details: { name, needed } })
  }
  const kind = lastOfKind(rows, point)
  return kind === null || floor === 'break' ? null : fault('catalog.last_good', { details: { name, kind, deployment } })
}
