// What volumes can do, alone and attached to servers, under the names that cloudify-openstack-plugin gave it.
import type { PluginOperation } from '../../contract/operation.ts'

export const volumeOperations: Readonly<Record<string, PluginOperation>> = {}
