// fabric_plugin.tasks.run_task and run_module_task: functions in Python, which nothing here can call. Refused when planning.
import { Type } from '../../../kernel/schema.ts'
import { fault } from '../../../kernel/fault.ts'
import { operation } from '../../contract/operation.ts'

const refusal = 'nothing: it is a Python function, which fermata cannot call; use run_commands or run_script'
// Whatever a blueprint gives does not fit: whoever plans with it hears of it before anything runs.
const Never = Type.Optional(Type.Enum([refusal]))

export const pythonTask = operation({
  inputs: Type.Object({ task_name: Never, task_mapping: Never, tasks_file: Never }),
  run: async () => {
    throw fault('ssh.bad_input', { details: { message: refusal } })
  },
})
