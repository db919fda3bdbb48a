// What servers can do, under the names that cloudify-openstack-plugin gave it.
import type { PluginOperation } from '../../contract/operation.ts'
import { snapshotApply, snapshotCreate, snapshotDelete } from './snapshot-operations.ts'
import { resume, suspend } from './suspend.ts'

export const serverOperations: Readonly<Record<string, PluginOperation>> = {
  'openstack_plugin.resources.compute.server.suspend': suspend,
  'openstack_plugin.resources.compute.server.resume': resume,
  'openstack_plugin.resources.compute.server.snapshot_create': snapshotCreate,
  'openstack_plugin.resources.compute.server.snapshot_apply': snapshotApply,
  'openstack_plugin.resources.compute.server.snapshot_delete': snapshotDelete,
}
