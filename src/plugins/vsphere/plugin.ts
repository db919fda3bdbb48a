// The plugin `vsphere`: machines of a vCenter and what they lie in, under the names that cloudify-vsphere-plugin gave its operations. Its node types
// come along with those of the other originals, in src/blueprint/bundled/vsphere-plugin.yaml.
import { definePlugin } from '../contract/plugin.ts'
import { closeSharedVCenters } from './client/shared-vcenters.ts'
import { machineOperations } from './machine/operations.ts'
import { placeOperations } from './place/operations.ts'

export default definePlugin({
  name: 'vsphere',
  operations: { ...machineOperations, ...placeOperations },
  close: closeSharedVCenters,
})
