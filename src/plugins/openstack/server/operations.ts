// What servers can do, under the names that cloudify-openstack-plugin gave it.
import type { PluginOperation } from '../../contract/operation.ts'

export const serverOperations: Readonly<Record<string, PluginOperation>> = {}
