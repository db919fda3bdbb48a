// The catalog of a deployment's recovery points. A backup exists when it is sealed here; what is restored or deleted is
// looked up here first.
import { fault } from '../kernel/fault.ts'
import type { Catalog, NewRecoveryPoint, Verification } from '../plugins/contract/workflow.ts'
import { insertRow, updateRow } from '../store/plain-writes.ts'
import { write } from '../store/store.ts'
import type { RecoveryPointRow } from '../store/tables.ts'
import { findPoint, getPoint, pointNamed, pointsOf } from './catalog-find.ts'
import { beginRemoval, endRemoval, removePart } from './catalog-removal.ts'
import { verificationOf } from './catalog-rules.ts'
import { refuseLostParts, sealPoint } from './catalog-seal.ts'
import type { Site } from './site.ts'

/** The catalog as one execution uses it: what changes in it is on disk when a call resolves, and a resumed run may repeat it. */
export function catalogOf(site: Site): Catalog {
  return {
    open: (point) => openPoint(site, point),
    seal: (id, outcome) => sealPoint(site, id, outcome),
    discard: (id) => discardPoint(site, id),
    find: (name, isIncremental) => findPoint(site, name, isIncremental),
    get: (id) => getPoint(site, id),
    beginRemoval: (id, instanceIds, floor) => beginRemoval(site, id, instanceIds, floor),
    removePart: (id, instanceId, deletion) => removePart(site, id, instanceId, deletion),
    endRemoval: (id, removal) => endRemoval(site, id, removal),
    verified: (id, verification) => keepVerification(site, id, verification),
  }
}

async function openPoint(site: Site, point: NewRecoveryPoint): Promise<string> {
  await refuseLostParts(site, point)
  const existing = await pointNamed(site, point.name, point.isIncremental)
  // Our own, from before this execution was interrupted.
  if (existing?.execution_id === site.execution.id && existing.status !== 'deleting') return existing.id
  if (existing?.status === 'deleting') throw fault('catalog.being_deleted', { details: { name: point.name } })
  if (existing && existing.status !== 'open')
    throw fault('catalog.name_taken', { details: { deployment: site.deployment.id, name: point.name } })
  if (existing) {
    const { query } = site.store
    site.journal.write(write(query.deleteFrom('recovery_points').where('id', '=', existing.id)))
  }
  const id = site.world.newId()
  const row: RecoveryPointRow = {
    id,
    deployment_id: site.deployment.id,
    name: point.name,
    incremental: point.isIncremental ? 1 : 0,
    type: point.type,
    status: 'open',
    execution_id: site.execution.id,
    blueprint_digest: site.blueprint.digest,
    created_at: site.world.clock.now(),
    sealed_at: null,
    consistency: null,
    inputs_digest: null,
    parent_id: null,
    held: null,
    verified_at: null,
    verification: null,
    frozen: null,
    missing: null,
  }
  site.journal.write(insertRow('recovery_points', { ...row }))
  site.journal.trace({ type: 'point.opened', point: id, name: point.name })
  await site.journal.flush()
  await site.world.point?.('catalog.opened')
  return id
}

async function discardPoint(site: Site, id: string): Promise<void> {
  const { query } = site.store
  const row = await query.selectFrom('recovery_points').select('status').where('id', '=', id).executeTakeFirst()
  if (row?.status !== 'open') return
  site.journal.write(write(query.deleteFrom('recovery_points').where('id', '=', id).where('status', '=', 'open')))
  site.journal.trace({ type: 'point.discarded', point: id })
  await site.journal.flush()
  await site.world.point?.('catalog.discarded')
}

async function keepVerification(site: Site, id: string, verification: Verification): Promise<void> {
  const point = (await pointsOf(site)).find((row) => row.id === id)
  if (!point) return
  const parts = await site.store.read<{ instance_id: string }>(
    'select instance_id from parts where recovery_point_id = ?',
    [id],
  )
  const known = { ...verificationOf(point), ...verification }
  // Of parts that are gone nothing is known any more.
  const kept = parts.flatMap(({ instance_id: instance }) => (known[instance] ? [[instance, known[instance]]] : []))
  const found = { verified_at: site.world.clock.now(), verification: JSON.stringify(Object.fromEntries(kept)) }
  site.journal.write(updateRow('recovery_points', id, found))
  await site.journal.flush()
  await site.world.point?.('catalog.verified')
}
