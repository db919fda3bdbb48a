// The plugin `terminal`: dialogues over SSH, as blueprints for the terminal plugin of Cloudify write them.
import { definePlugin } from '../contract/plugin.ts'
import { closeSharedConnections } from '../ssh/host/shared-connections.ts'
import { run } from './operations/run.ts'

export default definePlugin({
  name: 'terminal',
  operations: { 'cloudify_terminal.tasks.run': run },
  close: closeSharedConnections,
})
