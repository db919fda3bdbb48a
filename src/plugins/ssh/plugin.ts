// The plugin `ssh`: commands on hosts, and freezing their file systems with a deadman inside of them.
import { definePlugin } from '../contract/plugin.ts'
import { closeSharedConnections } from './host/shared-connections.ts'
import { run } from './operations/run.ts'

export default definePlugin({
  name: 'ssh',
  types: new URL('./plugin.yaml', import.meta.url),
  operations: { run },
  close: closeSharedConnections,
})
