// What key pairs, server groups, flavors and host aggregates can do, under the names that cloudify-openstack-plugin gave it.
import type { PluginOperation } from '../../contract/operation.ts'
import { flavorOperations } from './flavors.ts'
import { hostAggregateOperations } from './host-aggregates.ts'
import { keyPairOperations } from './key-pairs.ts'
import { serverGroupOperations } from './server-groups.ts'

export const computeOperations: Readonly<Record<string, PluginOperation>> = {
  ...keyPairOperations,
  ...serverGroupOperations,
  ...flavorOperations,
  ...hostAggregateOperations,
}
