// Which backup a workflow is about that only looks at it, and whether there is anything to look at.
import { Type } from '../kernel/schema.ts'
import { fault } from '../kernel/fault.ts'
import type { RecoveryPoint, Run } from '../plugins/contract/workflow.ts'
import { snapshotIncremental, snapshotName } from './parameters.ts'

export const whichBackup = {
  snapshot_name: snapshotName,
  snapshot_incremental: snapshotIncremental,
  recovery_point: Type.String({ default: '', description: 'Id of the backup in the catalog, instead of its name' }),
}

interface Which {
  readonly snapshot_name: string
  readonly snapshot_incremental: boolean
  readonly recovery_point: string
}

export async function readablePoint(run: Run, workflow: string, which: Which): Promise<RecoveryPoint> {
  const { recovery_point: id, snapshot_name: name } = which
  if (id === '' && name === '')
    throw fault('plan.missing_parameter', { details: { workflow, parameter: 'snapshot_name' } })
  const point = await (id === '' ? run.catalog.find(name, which.snapshot_incremental) : run.catalog.get(id))
  if (point.status === 'deleting') throw fault('catalog.being_deleted', { details: { name: point.name } })
  if (point.status === 'open')
    throw fault('catalog.damaged', { details: { name: point.name, reason: 'it was never completed' } })
  return point
}

/** What the operations on its parts get as inputs. */
export function inputsFor({ name, isIncremental, type }: RecoveryPoint) {
  return { snapshot_name: name, snapshot_incremental: isIncremental, snapshot_type: type }
}
