// The plugin `libvirt`: domains, networks, storage pools and volumes of hypervisors, under the names that
// cloudify-libvirt-plugin gave its operations. Its node types come along with those of the other originals, in
// src/blueprint/bundled/libvirt-plugin.yaml.
import { definePlugin } from '../contract/plugin.ts'

export default definePlugin({
  name: 'libvirt',
  operations: {},
})
