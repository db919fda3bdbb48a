// Reads the catalog, and tells which backup is meant by an id, the beginning of one, or a name.
import { fault } from '../kernel/fault.ts'
import { suggestion } from '../lifecycle/selection.ts'
import type { PartRow, RecoveryPointRow } from '../store/tables.ts'
import type { BackupRows } from './backup-records.ts'
import type { BackupQuery } from './backups-api.ts'
import type { Engine } from './engine.ts'
import { activeStatuses } from './ownership.ts'
import { deploymentRow } from './plans.ts'

type Reader = Pick<Engine, 'store'>

/** So many characters of an id may stand for it. */
const shortestId = 4

/** Of one deployment, or of all; oldest first. */
export async function backupRows(engine: Engine, deploymentId: string | undefined): Promise<BackupRows> {
  if (deploymentId !== undefined) await deploymentRow(engine, deploymentId)
  const [where, values] = deploymentId === undefined ? ['', []] : [' where deployment_id = ?', [deploymentId]]
  const points = await engine.store.read<RecoveryPointRow>(
    `select * from recovery_points${where} order by created_at, id`,
    values,
  )
  const parts = await engine.store.read<PartRow>(
    'select parts.* from parts join recovery_points on recovery_points.id = parts.recovery_point_id' +
      `${where} order by recovery_points.created_at, parts.instance_id`,
    values,
  )
  return { points, parts, active: await activeExecutions(engine) }
}

async function activeExecutions({ store }: Reader): Promise<ReadonlySet<string>> {
  const places = activeStatuses.map(() => '?').join(', ')
  const rows = await store.read<{ id: string }>(`select id from executions where status in (${places})`, activeStatuses)
  return new Set(rows.map(({ id }) => id))
}

/** @throws Fault `catalog.no_such_backup`, `catalog.ambiguous` */
export async function findBackup(
  engine: Engine,
  wanted: string,
  query: BackupQuery,
): Promise<{ readonly row: RecoveryPointRow; readonly rows: BackupRows }> {
  const all = await backupRows(engine, query.deploymentId)
  const row = chooseBackup(all.points, wanted, query.deploymentId)
  // What it rests on lies in its own deployment.
  const isSame = (point: RecoveryPointRow): boolean => point.deployment_id === row.deployment_id
  const points = all.points.filter(isSame)
  const ids = new Set(points.map(({ id }) => id))
  const parts = all.parts.filter((part) => ids.has(part.recovery_point_id))
  return { row, rows: { ...all, points, parts } }
}

function chooseBackup(
  points: readonly RecoveryPointRow[],
  wanted: string,
  deploymentId: string | undefined,
): RecoveryPointRow {
  const exact = points.find(({ id }) => id === wanted)
  if (exact) return exact
  const isMeant = ({ id, name }: RecoveryPointRow): boolean =>
    name === wanted || (wanted.length >= shortestId && id.startsWith(wanted))
  const found = points.filter(isMeant)
  const [first] = found
  if (!first) throw noSuchBackup(points, wanted, deploymentId)
  if (found.length === 1) return first
  const words = found.map((row) => `${row.id} ('${row.name}' of ${row.deployment_id}, ${kindOf(row)})`).join(', ')
  throw fault('catalog.ambiguous', { details: { id: wanted, count: found.length, found: words } })
}

const kindOf = (row: RecoveryPointRow): string => (row.incremental === 1 ? 'incremental' : 'full')

function noSuchBackup(points: readonly RecoveryPointRow[], wanted: string, deployment: string | undefined): Error {
  const names = new Set(points.map(({ name }) => name))
  const near = suggestion(wanted, [...names])
  return deployment === undefined
    ? fault('usage.not_found', { details: { kind: 'backup', id: wanted, near } })
    : fault('catalog.no_such_backup', { details: { deployment, name: wanted, near } })
}
