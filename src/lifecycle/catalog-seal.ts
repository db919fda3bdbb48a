// Sealing: the moment at which a recovery point begins to exist, with all that is known of its parts.
import { createHash } from 'node:crypto'
import { fault } from '../kernel/fault.ts'
import { canonicalJson, isJsonObject, type Json } from '../kernel/json.ts'
import { isConsistency, lowest } from '../plugins/contract/consistency.ts'
import type { BracketOutcome, NewRecoveryPoint, SavedPart } from '../plugins/contract/workflow.ts'
import { updateRow } from '../store/plain-writes.ts'
import type { SqlValue } from '../store/store.ts'
import type { PartRow } from '../store/tables.ts'
import { snapshotCreate } from './operations.ts'
import type { Site } from './site.ts'

const putPart =
  'insert into parts (recovery_point_id, instance_id, result, node_id, operation, provider_id, parent_provider_id, bytes, digest, ' +
  'consistency, reason, cut_from, cut_to, deleting_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ' +
  'on conflict (recovery_point_id, instance_id) do update set result = excluded.result, node_id = excluded.node_id, ' +
  'operation = excluded.operation, provider_id = excluded.provider_id, parent_provider_id = excluded.parent_provider_id, ' +
  'bytes = excluded.bytes, digest = excluded.digest, consistency = excluded.consistency, reason = excluded.reason, ' +
  'cut_from = excluded.cut_from, cut_to = excluded.cut_to, deleting_at = excluded.deleting_at'

/** What this execution has sealed stands in its journal, too. */
const sealKey = (id: string): string => `catalog/sealed/${id}`

/**
 * What was saved before an interruption is not saved again, so it must still be there.
 *
 * @throws Fault `catalog.lost_since`
 */
export async function refuseLostParts(site: Site, point: NewRecoveryPoint): Promise<void> {
  for (const step of site.journal.stepsUnder(sealKey(''))) {
    const sealed = JSON.parse(step.result ?? '{}') as Partial<Sealed>
    if (sealed.name !== point.name || sealed.isIncremental !== point.isIncremental) continue
    const id = step.key.slice(sealKey('').length)
    const left = await site.store.read<{ instance_id: string }>(
      'select instance_id from parts where recovery_point_id = ? and deleting_at is null',
      [id],
    )
    const there = new Set(left.map((part) => part.instance_id))
    const lost = (sealed.instances ?? []).filter((instance) => !there.has(instance))
    if (lost.length > 0)
      throw fault('catalog.lost_since', { details: { name: point.name, instances: lost.join(', ') } })
  }
}

interface Sealed {
  readonly name: string
  readonly isIncremental: boolean
  readonly instances: readonly string[]
}

export async function sealPoint(site: Site, id: string, outcome: BracketOutcome): Promise<void> {
  const { journal } = site
  const rows = Object.entries(outcome.parts).map(([instance, part]) => partRow(site, id, instance, part))
  const kept = await keptRows(site, id, new Set(rows.map((row) => row.instance_id)))
  const all = [...kept, ...rows]
  const missing = Object.keys(outcome.failures)
  const { name, isIncremental } = await kindOf(site, id)
  const consistency = lowest(all.flatMap((row) => (isConsistency(row.consistency) ? [row.consistency] : [])))
  const sealed = {
    status: missing.length > 0 ? 'partial' : 'good',
    sealed_at: site.world.clock.now(),
    consistency,
    inputs_digest: await inputsDigest(site),
    parent_id: await parentOf(site, id, all),
    frozen: JSON.stringify(outcome.frozen),
    // Nobody has looked at the new parts yet.
    verified_at: null,
    verification: null,
    missing: missing.length > 0 ? JSON.stringify(journal.redactor.json(outcome.failures)) : null,
  }
  journal.done(sealKey(id), 1, { name, isIncremental, instances: all.map((row) => row.instance_id) })
  if (rows.length > 0) journal.write({ sql: putPart, rows: rows.map(partValues) })
  journal.write(updateRow('recovery_points', id, sealed))
  const labels = Object.fromEntries(all.map((row) => [row.instance_id, row.consistency]))
  journal.trace({ type: 'point.sealed', point: id, name, consistency, parts: labels, missing })
  await journal.flush()
  await site.world.point?.('catalog.sealed')
}

function partRow(site: Site, id: string, instanceId: string, part: SavedPart): PartRow {
  const result = site.journal.redactor.json(part.result)
  const told = isJsonObject(result) ? result : {}
  const member = site.topology.find(instanceId)
  const planned = member?.planned.operations[snapshotCreate]
  return {
    recovery_point_id: id,
    instance_id: instanceId,
    result: JSON.stringify(result),
    node_id: member?.nodeId ?? '',
    operation: planned ? `${planned.plugin}.${planned.operation}` : '',
    provider_id: textOf(told['providerId']),
    parent_provider_id: textOf(told['parentId']),
    bytes: wholeNumberOf(told['bytes']),
    digest: textOf(told['digest']),
    consistency: part.consistency,
    reason: part.reason,
    cut_from: part.cutFrom,
    cut_to: part.cutTo,
    deleting_at: null,
  }
}

const partValues = (row: PartRow): SqlValue[] => [
  row.recovery_point_id,
  row.instance_id,
  row.result,
  row.node_id,
  row.operation,
  row.provider_id,
  row.parent_provider_id,
  row.bytes,
  row.digest,
  row.consistency,
  row.reason,
  row.cut_from,
  row.cut_to,
  row.deleting_at,
]

// What an earlier, partial sealing of the same backup has saved stays part of it.
async function keptRows(site: Site, id: string, renewed: ReadonlySet<string>): Promise<readonly PartRow[]> {
  const rows = await site.store.read<PartRow>('select * from parts where recovery_point_id = ?', [id])
  return rows.filter((row) => !renewed.has(row.instance_id))
}

/** sha256 over the inputs that the deployment was made with. */
async function inputsDigest(site: Site): Promise<string | null> {
  const [row] = await site.store.read<{ inputs: string }>('select inputs from deployments where id = ?', [
    site.deployment.id,
  ])
  if (!row) return null
  return createHash('sha256')
    .update(canonicalJson(JSON.parse(row.inputs) as Json))
    .digest('hex')
}

/** The newest recovery point that holds a part on which one of these rests. */
async function parentOf(site: Site, id: string, rows: readonly PartRow[]): Promise<string | null> {
  const parents = rows.flatMap((row) => (row.parent_provider_id === null ? [] : [row.parent_provider_id]))
  if (parents.length === 0) return null
  const found = await site.store.query
    .selectFrom('parts')
    .innerJoin('recovery_points', 'recovery_points.id', 'parts.recovery_point_id')
    .select('recovery_points.id')
    .where('recovery_points.deployment_id', '=', site.deployment.id)
    .where('recovery_points.id', '<>', id)
    .where('parts.provider_id', 'in', parents)
    .orderBy('recovery_points.created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return found?.id ?? null
}

async function kindOf(site: Site, id: string): Promise<{ readonly name: string; readonly isIncremental: boolean }> {
  const [row] = await site.store.read<{ name: string; incremental: number }>(
    'select name, incremental from recovery_points where id = ?',
    [id],
  )
  return { name: row?.name ?? '', isIncremental: row?.incremental === 1 }
}

const textOf = (value: Json | undefined): string | null => (typeof value === 'string' && value !== '' ? value : null)

const wholeNumberOf = (value: Json | undefined): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : null
