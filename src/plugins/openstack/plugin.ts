// The plugin `openstack`: servers, volumes, networks and the rest of a cloud, under the names that
// cloudify-openstack-plugin gave its operations. Its node types, of both generations, come along with those of the other
// originals, in src/blueprint/bundled/openstack-plugin.yaml.
import { definePlugin } from '../contract/plugin.ts'
import { closeSharedClouds } from './client/shared-clouds.ts'
import { computeOperations } from './compute/operations.ts'
import { dnsOperations } from './dns/operations.ts'
import { identityOperations } from './identity/operations.ts'
import { imageOperations } from './image/images.ts'
import { networkOperations } from './network/operations.ts'
import { serverOperations } from './server/operations.ts'
import { shareOperations } from './share/operations.ts'
import { volumeOperations } from './volume/operations.ts'
import { taskOperations } from './workflows/tasks.ts'
import { openstackWorkflows } from './workflows/workflows.ts'

export default definePlugin({
  name: 'openstack',
  operations: {
    ...serverOperations,
    ...volumeOperations,
    ...networkOperations,
    ...computeOperations,
    ...imageOperations,
    ...identityOperations,
    ...dnsOperations,
    ...shareOperations,
    ...taskOperations,
  },
  workflows: openstackWorkflows,
  close: closeSharedClouds,
})
