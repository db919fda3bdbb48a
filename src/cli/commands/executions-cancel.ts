// `executions cancel`: asks an execution to stop, and waits until it has.
import type { CommandDefinition } from '../definition.ts'

export const executionsCancel: CommandDefinition = {
  words: 'executions cancel',
  summary: 'stop an execution; what it froze is thawed first',
  arguments: [{ name: 'EXECUTION_ID', description: 'the execution' }],
  options: [{ flags: '--no-wait', description: 'return as soon as it was asked to, not when it has ended' }],
  notes: [
    'What is frozen is thawed at once, then what was half made is taken back. An execution whose process is gone is ' +
      'thawed and ended by this command itself.',
  ],
  async run(call) {
    const fermata = await call.fermata()
    const waiting = new AbortController()
    const forget = call.host.onInterrupt(() => waiting.abort())
    try {
      const record = await fermata.executions.cancel(call.argument(0), {
        wait: call.flag('wait'),
        signal: waiting.signal,
      })
      if (call.isJson) return call.printJson(record)
      const isOver = record.endedAt !== null
      call.say(isOver ? `Execution ${record.id} is ${record.status}` : `Execution ${record.id} was asked to stop`)
    } finally {
      forget()
    }
  },
}
