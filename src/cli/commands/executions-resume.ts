// `executions resume`: carries on what failed, was cancelled, or lost its process.
import type { CommandDefinition } from '../definition.ts'
import { readRunOptions, runOptions } from '../run-options.ts'
import { watchExecution } from '../watch-execution.ts'

export const executionsResume: CommandDefinition = {
  words: 'executions resume',
  summary: 'carry on an execution that failed, was cancelled or was cut off',
  arguments: [{ name: 'EXECUTION_ID', description: 'the execution' }],
  options: runOptions,
  async run(call) {
    const limits = readRunOptions(call)
    const fermata = await call.fermata()
    return watchExecution(call, (hooks) => fermata.executions.resume(call.argument(0), { ...limits, ...hooks }))
  },
}
