// The catalog of a deployment's recovery points. A backup exists when it is sealed here; what is restored or deleted is
// looked up here first.
import { fault } from '../kernel/fault.ts'
import type { Json } from '../kernel/json.ts'
import type { BracketOutcome, Catalog, NewRecoveryPoint, RecoveryPoint } from '../plugins/contract/workflow.ts'
import { write } from '../store/store.ts'
import type { RecoveryPointRow } from '../store/tables.ts'
import { suggestion } from './selection.ts'
import type { Site } from './site.ts'

const putPart =
  'insert into parts (recovery_point_id, instance_id, result) values (?, ?, ?) ' +
  'on conflict (recovery_point_id, instance_id) do update set result = excluded.result'

/** The catalog as one execution uses it: each change is a durable step, so that a resumed run repeats none. */
export function catalogOf(site: Site): Catalog {
  return {
    open: (point) => openPoint(site, point),
    seal: (id, outcome) => sealPoint(site, id, outcome),
    discard: (id) => discardPoint(site, id),
    remove: (id, instanceIds) => removeParts(site, id, instanceIds),
    find: (name, isIncremental) => findPoint(site, name, isIncremental),
  }
}

async function openPoint(site: Site, point: NewRecoveryPoint): Promise<string> {
  const existing = await rowOf(site, point.name, point.isIncremental)
  // Our own, from before this execution was interrupted.
  if (existing?.execution_id === site.execution.id) return existing.id
  if (existing?.status === 'good')
    throw fault('catalog.name_taken', { details: { deployment: site.deployment.id, name: point.name } })
  const { query } = site.store
  if (existing) site.journal.write(write(query.deleteFrom('recovery_points').where('id', '=', existing.id)))
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
  site.journal.write(write(query.insertInto('recovery_points').values(row)))
  await site.journal.flush()
  return id
}

async function sealPoint(site: Site, id: string, outcome: BracketOutcome): Promise<void> {
  const { query } = site.store
  const rows = Object.entries(outcome.parts).map(([instance, part]) => [
    id,
    instance,
    JSON.stringify(site.journal.redactor.json(part.result)),
  ])
  if (rows.length > 0) site.journal.write({ sql: putPart, rows })
  const sealed = { status: 'good', sealed_at: site.world.clock.now() }
  site.journal.write(write(query.updateTable('recovery_points').set(sealed).where('id', '=', id)))
  await site.journal.flush()
}

async function discardPoint(site: Site, id: string): Promise<void> {
  site.journal.write(write(site.store.query.deleteFrom('recovery_points').where('id', '=', id)))
  await site.journal.flush()
}

async function removeParts(site: Site, id: string, instanceIds: readonly string[]): Promise<void> {
  const { query } = site.store
  for (const instance of instanceIds) {
    site.journal.write(
      write(query.deleteFrom('parts').where('recovery_point_id', '=', id).where('instance_id', '=', instance)),
    )
  }
  const left = query.selectFrom('parts').select('recovery_point_id').where('recovery_point_id', '=', id)
  site.journal.write(write(query.deleteFrom('recovery_points').where('id', '=', id).where('id', 'not in', left)))
  await site.journal.flush()
}

async function findPoint(site: Site, name: string, isIncremental: boolean): Promise<RecoveryPoint> {
  const row = await rowOf(site, name, isIncremental)
  if (!row) throw await noSuchBackup(site, name, isIncremental)
  const parts = await site.store.query.selectFrom('parts').selectAll().where('recovery_point_id', '=', row.id).execute()
  return {
    id: row.id,
    name: row.name,
    isIncremental: row.incremental === 1,
    type: row.type,
    status: row.status === 'good' ? 'good' : 'open',
    createdAt: row.created_at,
    parts: Object.fromEntries(parts.map((part) => [part.instance_id, JSON.parse(part.result) as Json])),
  }
}

async function noSuchBackup(site: Site, name: string, isIncremental: boolean): Promise<Error> {
  const known = await site.store.query
    .selectFrom('recovery_points')
    .select(['name', 'incremental'])
    .where('deployment_id', '=', site.deployment.id)
    .where('status', '=', 'good')
    .execute()
  const otherKind = known.some((point) => point.name === name)
  const near = otherKind
    ? `there is one of that name with snapshot_incremental=${!isIncremental}`
    : suggestion(
        name,
        known.map((point) => point.name),
      )
  return fault('catalog.no_such_backup', { details: { deployment: site.deployment.id, name, near } })
}

function rowOf(site: Site, name: string, isIncremental: boolean): Promise<RecoveryPointRow | undefined> {
  return site.store.query
    .selectFrom('recovery_points')
    .selectAll()
    .where('deployment_id', '=', site.deployment.id)
    .where('name', '=', name)
    .where('incremental', '=', isIncremental ? 1 : 0)
    .executeTakeFirst()
}
