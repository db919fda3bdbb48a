// What networks, subnets, ports, routers, addresses and security groups can do, under the names that
// cloudify-openstack-plugin gave it.
import type { PluginOperation } from '../../contract/operation.ts'

export const networkOperations: Readonly<Record<string, PluginOperation>> = {}
