// `events list`: the events of one execution, those there are or, with --tail, as they come.
import type { EventRecord, Fermata } from '../../engine/api.ts'
import { fault } from '../../kernel/fault.ts'
import type { Call } from '../call.ts'
import type { CommandDefinition } from '../definition.ts'
import { eventLine, isShown } from '../event-line.ts'
import { exitCodeForStatus, type ExitCode } from '../exit-codes.ts'

const pageSize = 1000

export const eventsList: CommandDefinition = {
  words: 'events list',
  summary: 'print the events of an execution',
  arguments: [{ name: 'EXECUTION_ID', description: 'the execution', isOptional: true }],
  options: [
    { flags: '-e, --execution-id <id>', description: 'the execution, as an option' },
    { flags: '--tail', description: 'go on until the execution has ended; ends with its exit code' },
  ],
  async run(call) {
    const executionId = call.optionalArgument(0) ?? call.text('executionId')
    if (executionId === undefined) {
      throw fault('usage.bad_argument', {
        details: { message: 'it is not said of which execution' },
        hint: 'name its id',
      })
    }
    const fermata = await call.fermata()
    if (call.flag('tail')) return follow(call, fermata, executionId)
    return call.isJson ? printArray(call, fermata, executionId) : printLines(call, fermata, executionId)
  },
}

async function follow(call: Call, fermata: Fermata, executionId: string): Promise<ExitCode> {
  const leaving = new AbortController()
  const off = call.host.onInterrupt(() => leaving.abort())
  try {
    const signal = AbortSignal.any([leaving.signal, call.host.stdout.closed])
    for await (const event of fermata.events.follow({ executionId, signal })) {
      printEvent(call, event)
      await call.host.stdout.drained()
      if (signal.aborted) break
    }
  } catch (error) {
    if (!leaving.signal.aborted && !call.host.stdout.closed.aborted) throw error
  } finally {
    off()
  }
  return exitCodeForStatus((await fermata.executions.get(executionId)).status)
}

async function printLines(call: Call, fermata: Fermata, executionId: string): Promise<void> {
  let count = 0
  for await (const event of pages(call, fermata, executionId)) {
    count += 1
    printEvent(call, event)
  }
  if (count === 0) call.say(`Execution ${executionId} has no events yet.`)
}

/** One JSON document, written as it is read. */
async function printArray(call: Call, fermata: Fermata, executionId: string): Promise<void> {
  let separator = '[\n'
  for await (const event of pages(call, fermata, executionId)) {
    call.host.stdout.write(separator + JSON.stringify(event))
    separator = ',\n'
  }
  call.host.stdout.write(separator === '[\n' ? '[]\n' : '\n]\n')
}

async function* pages(call: Call, fermata: Fermata, executionId: string): AsyncIterable<EventRecord> {
  for (let after = 0; !call.host.stdout.closed.aborted;) {
    const page = await fermata.events.list({ executionId, after, limit: pageSize })
    yield* page
    after = page.at(-1)?.sequence ?? after
    if (page.length < pageSize) return
    await call.host.stdout.drained()
  }
}

function printEvent(call: Call, event: EventRecord): void {
  if (call.isJson) call.print(JSON.stringify(event))
  else if (isShown(event, call.isVerbose)) call.print(eventLine(event, call.paint))
}
