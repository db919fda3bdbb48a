// The plugin `script`: scripts in any language as operations.
import { definePlugin } from '../contract/plugin.ts'
import { closeSharedConnections } from '../ssh/host/shared-connections.ts'
import { runScript } from './operations/run-script.ts'

export default definePlugin({
  name: 'script',
  operations: { 'script_runner.tasks.run': runScript, 'tasks.run': runScript },
  close: closeSharedConnections,
})
