// What instances can do, under the names that cloudify-gcp-plugin gave it, and what it did not have.
import type { PluginOperation } from '../../contract/operation.ts'
import { create, remove, resize, start, stop } from './lifecycle.ts'
import { instanceLinks } from './links.ts'
import { snapshotApply, snapshotCreate, snapshotDelete } from './snapshot-operations.ts'
import { performance } from './statistics.ts'
import { resume, suspend } from './suspend.ts'

const name = 'cloudify_gcp.compute.instance'

export const instanceOperations: Readonly<Record<string, PluginOperation>> = {
  ...instanceLinks,
  [`${name}.create`]: create,
  [`${name}.start`]: start,
  [`${name}.stop`]: stop,
  [`${name}.delete`]: remove,
  [`${name}.resize`]: resize,
  [`${name}.suspend`]: suspend,
  [`${name}.resume`]: resume,
  [`${name}.snapshot_create`]: snapshotCreate,
  [`${name}.snapshot_apply`]: snapshotApply,
  [`${name}.snapshot_delete`]: snapshotDelete,
  [`${name}.perfomance`]: performance,
}
