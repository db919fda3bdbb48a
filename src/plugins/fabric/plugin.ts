// The plugin `fabric`: the operations of cloudify-fabric-plugin that are no Python functions, over our own connections.
import { definePlugin } from '../contract/plugin.ts'
import { closeSharedConnections } from '../ssh/host/shared-connections.ts'
import { runCommands } from './operations/run-commands.ts'
import { runScript } from './operations/run-script.ts'
import { pythonTask } from './operations/python-task.ts'

export default definePlugin({
  name: 'fabric',
  operations: {
    'fabric_plugin.tasks.run_commands': runCommands,
    'fabric_plugin.tasks.run_script': runScript,
    'fabric_plugin.tasks.run_task': pythonTask,
    'fabric_plugin.tasks.run_module_task': pythonTask,
  },
  close: closeSharedConnections,
})
