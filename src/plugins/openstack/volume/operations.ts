// What volumes can do, alone and attached to servers, under the names that cloudify-openstack-plugin gave it.
import type { PluginOperation } from '../../contract/operation.ts'
import { attachOperations } from './attach-operations.ts'
import { volumeLifecycle } from './lifecycle.ts'
import { volumeSnapshots } from './snapshot-operations.ts'

export const volumeOperations: Readonly<Record<string, PluginOperation>> = {
  ...volumeLifecycle,
  ...attachOperations,
  ...volumeSnapshots,
}
