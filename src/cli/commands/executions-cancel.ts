// `executions cancel`.
import type { CommandDefinition } from '../definition.ts'

export const executionsCancel: CommandDefinition = {
  words: 'executions cancel',
  summary: 'stop an execution; what it froze is thawed first',
  arguments: [{ name: 'EXECUTION_ID', description: 'the execution' }],
  async run(call) {
    const record = await (await call.fermata()).executions.cancel(call.argument(0))
    if (call.isJson) return call.printJson(record)
    const isOver = record.endedAt !== null
    call.say(isOver ? `Execution ${record.id} is ${record.status}` : `Execution ${record.id} was asked to stop`)
  },
}
