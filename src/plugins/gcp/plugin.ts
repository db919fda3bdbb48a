// The plugin `gcp_plugin`: instances, disks and networks of Google Cloud, under the names that cloudify-gcp-plugin gave its
// operations. Its node types come along with those of the other originals, in src/blueprint/bundled/gcp-plugin.yaml.
import { definePlugin } from '../contract/plugin.ts'
import { closeSharedProjects } from './client/shared-projects.ts'
import { diskLifecycle } from './disk/lifecycle.ts'
import { diskSnapshots } from './disk/snapshot-operations.ts'
import { instanceOperations } from './instance/operations.ts'
import { balancerOperations } from './resource/balancers.ts'
import { networkOperations } from './resource/networks.ts'
import { otherOperations } from './resource/others.ts'

export default definePlugin({
  name: 'gcp_plugin',
  operations: {
    ...instanceOperations,
    ...diskLifecycle,
    ...diskSnapshots,
    ...networkOperations,
    ...balancerOperations,
    ...otherOperations,
  },
  close: closeSharedProjects,
})
