// What servers can do, under the names that cloudify-openstack-plugin gave it.
import type { PluginOperation } from '../../contract/operation.ts'
import { configure, create, reboot, remove, start, stop } from './lifecycle.ts'
import { list, update, validate } from './manage.ts'
import { snapshotApply, snapshotCreate, snapshotDelete } from './snapshot-operations.ts'
import { performance } from './statistics.ts'
import { resume, suspend } from './suspend.ts'

const name = 'openstack_plugin.resources.compute.server'

export const serverOperations: Readonly<Record<string, PluginOperation>> = {
  [`${name}.create`]: create,
  [`${name}.configure`]: configure,
  [`${name}.start`]: start,
  [`${name}.stop`]: stop,
  [`${name}.reboot`]: reboot,
  [`${name}.delete`]: remove,
  [`${name}.update`]: update,
  [`${name}.list_servers`]: list,
  [`${name}.creation_validation`]: validate,
  [`${name}.suspend`]: suspend,
  [`${name}.resume`]: resume,
  [`${name}.snapshot_create`]: snapshotCreate,
  [`${name}.snapshot_apply`]: snapshotApply,
  [`${name}.snapshot_delete`]: snapshotDelete,
  [`${name}.perfomance`]: performance,
}
