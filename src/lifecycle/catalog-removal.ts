// Deleting a recovery point: refused while something speaks against it, then marked, then part by part. One that is
// half deleted stays marked until the rest is gone, too.
import { fault } from '../kernel/fault.ts'
import type { FaultRecord } from '../kernel/fault.ts'
import type { FloorRule, LastOf, Removal } from '../plugins/contract/workflow.ts'
import { StoreConflict, write } from '../store/store.ts'
import type { PartRow, RecoveryPointRow } from '../store/tables.ts'
import { partsOf, pointsOf } from './catalog-find.ts'
import { isGood, lastOfKind, removalProblem } from './catalog-rules.ts'
import type { Site } from './site.ts'

export async function beginRemoval(
  site: Site,
  id: string,
  instanceIds: readonly string[],
  floor: FloorRule,
): Promise<{ readonly lastOf: LastOf | null }> {
  const rows = { points: await pointsOf(site), parts: await partsOf(site) }
  const point = rows.points.find((row) => row.id === id)
  // It was found before by this execution: an earlier life of it may have died with the last of the work done.
  if (!point && site.execution.isResumed) return { lastOf: null }
  if (!point) throw fault('catalog.no_such_backup', { details: { deployment: site.deployment.id, name: id } })
  if (point.status === 'deleting') return { lastOf: null }
  const problem = removalProblem(rows, point, floor, instanceIds)
  if (problem) throw problem
  await mark(site, point, rows.parts, instanceIds)
  return { lastOf: lastOfKind(rows, point) }
}

export async function removePart(
  site: Site,
  id: string,
  instanceId: string,
  deletion: () => Promise<unknown>,
): Promise<void> {
  const { journal, store, world } = site
  const [part] = await store.read<PartRow>('select * from parts where recovery_point_id = ? and instance_id = ?', [
    id,
    instanceId,
  ])
  // Gone already, before this execution was interrupted.
  if (!part) return
  const its = { instance: instanceId, point: id, providerId: part.provider_id }
  const row = [id, instanceId]
  journal.write({
    sql: 'update parts set deleting_at = coalesce(deleting_at, ?) where recovery_point_id = ? and instance_id = ?',
    rows: [[world.clock.now(), ...row]],
  })
  journal.trace({ type: 'part.deleting', ...its, parent: part.parent_provider_id })
  await journal.flush()
  await world.point?.('catalog.marked')
  await deletion()
  journal.write({ sql: 'delete from parts where recovery_point_id = ? and instance_id = ?', rows: [row] })
  journal.trace({ type: 'part.deleted', ...its })
  await journal.flush()
  await world.point?.('catalog.removed')
}

export async function endRemoval(site: Site, id: string, removal: Removal): Promise<void> {
  const { journal, store, world } = site
  const points = await pointsOf(site)
  const point = points.find((row) => row.id === id)
  if (!point) return
  const { query } = store
  const left = await store.read<PartRow>('select * from parts where recovery_point_id = ?', [id])
  if (left.length > 0) return
  const goodLeft = points.filter((row) => row.id !== id && isGood(row)).length
  journal.write(write(query.deleteFrom('recovery_points').where('id', '=', id)))
  journal.trace({ type: 'point.deleted', point: id, goodLeft, isForced: removal.isForced, isGood: removal.wasGood })
  await journal.flush()
  await world.point?.('catalog.removed')
}

// Where some parts stay, the rest is a backup still, of fewer instances.
async function mark(
  site: Site,
  point: RecoveryPointRow,
  parts: readonly PartRow[],
  instanceIds: readonly string[],
): Promise<void> {
  const own = parts.filter((part) => part.recovery_point_id === point.id)
  const isWhole = own.every((part) => instanceIds.includes(part.instance_id))
  const status = isWhole ? 'deleting' : 'partial'
  const missing = isWhole ? point.missing : JSON.stringify({ ...missingOf(point), ...removedOf(instanceIds) })
  await site.journal.flush()
  // A hold that somebody put on it in this very moment must win.
  const sql = 'update recovery_points set status = ?, missing = ? where id = ? and held is null'
  try {
    await site.store.commit([{ sql, rows: [[status, missing, point.id]], expect: 1 }])
    await site.world.point?.('catalog.marked')
  } catch (thrown) {
    if (!(thrown instanceof StoreConflict)) throw thrown
    throw fault('catalog.held', { details: { name: point.name, reason: 'since just now', id: point.id } })
  }
}

function missingOf(point: RecoveryPointRow): Record<string, FaultRecord> {
  return point.missing === null ? {} : (JSON.parse(point.missing) as Record<string, FaultRecord>)
}

function removedOf(instanceIds: readonly string[]): Record<string, FaultRecord> {
  const why = (instance: string): FaultRecord => fault('catalog.part_removed', { details: { instance } }).toJSON()
  return Object.fromEntries(instanceIds.map((instance) => [instance, why(instance)]))
}
