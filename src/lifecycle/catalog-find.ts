// Looking up recovery points of the deployment: by name, by id, and what the parts found there rest on.
import type { FaultRecord } from '../kernel/fault.ts'
import { fault } from '../kernel/fault.ts'
import type { Json } from '../kernel/json.ts'
import type { PartRecord, RecoveryPoint, RecoveryPointStatus } from '../plugins/contract/workflow.ts'
import type { PartRow, RecoveryPointRow } from '../store/tables.ts'
import { isGood } from './catalog-rules.ts'
import { suggestion } from './selection.ts'
import type { Site } from './site.ts'

/** So many characters of an id may stand for it. */
const shortestId = 8

/** @throws Fault `catalog.no_such_backup`, `catalog.ambiguous` */
export async function findPoint(site: Site, name: string, isIncremental: boolean): Promise<RecoveryPoint> {
  const named = await pointNamed(site, name, isIncremental)
  if (named) return pointOf(site, named)
  const ids = (await pointsOf(site)).filter((row) => row.id === name || isBeginning(name, row.id))
  const [row] = ids.filter((found) => found.id === name).concat(ids)
  if (!row) throw await noSuchBackup(site, name, isIncremental)
  if (ids.length > 1 && row.id !== name) {
    const found = ids.map((other) => other.id).join(', ')
    throw fault('catalog.ambiguous', { details: { id: name, count: ids.length, found } })
  }
  return pointOf(site, row)
}

/** @throws Fault `catalog.no_such_backup` */
export async function getPoint(site: Site, id: string): Promise<RecoveryPoint> {
  const row = (await pointsOf(site)).find((point) => point.id === id)
  if (row) return pointOf(site, row)
  throw fault('catalog.no_such_backup', { details: { deployment: site.deployment.id, name: id } })
}

export async function pointNamed(
  site: Site,
  name: string,
  isIncremental: boolean,
): Promise<RecoveryPointRow | undefined> {
  const [row] = await site.store.read<RecoveryPointRow>(
    'select * from recovery_points where deployment_id = ? and name = ? and incremental = ?',
    [site.deployment.id, name, isIncremental ? 1 : 0],
  )
  return row
}

/** All of the deployment, oldest first. */
export function pointsOf(site: Site): Promise<readonly RecoveryPointRow[]> {
  return site.store.read<RecoveryPointRow>(
    'select * from recovery_points where deployment_id = ? order by created_at, id',
    [site.deployment.id],
  )
}

/** Parts of all recovery points of the deployment, the newest recovery point last. */
export function partsOf(site: Site): Promise<readonly PartRow[]> {
  return site.store.read<PartRow>(
    'select parts.* from parts join recovery_points on recovery_points.id = parts.recovery_point_id ' +
      'where recovery_points.deployment_id = ? order by recovery_points.created_at, parts.instance_id',
    [site.deployment.id],
  )
}

async function pointOf(site: Site, row: RecoveryPointRow): Promise<RecoveryPoint> {
  const all = await partsOf(site)
  const own = all.filter((part) => part.recovery_point_id === row.id)
  const byProviderId = new Map(all.flatMap((part) => (part.provider_id === null ? [] : [[part.provider_id, part]])))
  const records = own.map((part) => [part.instance_id, recordOf(part, byProviderId)] as const)
  return {
    id: row.id,
    name: row.name,
    isIncremental: row.incremental === 1,
    type: row.type,
    status: row.status as RecoveryPointStatus,
    createdAt: row.created_at,
    isGood: isGood(row),
    parts: Object.fromEntries(own.map((part) => [part.instance_id, JSON.parse(part.result) as Json])),
    records: Object.fromEntries(records),
    missing: row.missing === null ? {} : (JSON.parse(row.missing) as Record<string, FaultRecord>),
  }
}

function recordOf(part: PartRow, byProviderId: ReadonlyMap<string, PartRow>): PartRecord {
  const lineage: PartRecord['lineage'][number][] = []
  const seen = new Set([part.provider_id])
  // What names itself as its own parent is no chain.
  for (let next = part.parent_provider_id; next !== null && !seen.has(next);) {
    seen.add(next)
    const parent = byProviderId.get(next)
    lineage.push({ providerId: next, part: parent ? { ...plainRecord(parent), lineage: [] } : null })
    next = parent?.parent_provider_id ?? null
  }
  return { ...plainRecord(part), lineage }
}

function plainRecord(part: PartRow): Omit<PartRecord, 'lineage'> {
  return {
    pointId: part.recovery_point_id,
    instanceId: part.instance_id,
    result: JSON.parse(part.result) as Json,
    operation: part.operation,
    providerId: part.provider_id,
    isBeingDeleted: part.deleting_at !== null,
  }
}

function isBeginning(text: string, id: string): boolean {
  return text.length >= shortestId && id.startsWith(text)
}

async function noSuchBackup(site: Site, name: string, isIncremental: boolean): Promise<Error> {
  const known = (await pointsOf(site)).filter((point) => point.status !== 'open')
  const otherKind = known.some((point) => point.name === name)
  const near = otherKind
    ? `there is one of that name with snapshot_incremental=${!isIncremental}`
    : suggestion(name, [...new Set(known.map((point) => point.name))])
  return fault('catalog.no_such_backup', { details: { deployment: site.deployment.id, name, near } })
}
