// Shows an execution while it runs in this process: its events, a status line, its end. Ctrl-C cancels it, a second one leaves.
import type { EventRecord, ExecutionDetails, ExecutionRecord, StartOptions } from '../engine/api.ts'
import { faultFromRecord } from '../kernel/fault.ts'
import { paintFor } from './colours.ts'
import type { Call } from './call.ts'
import { errorText } from './error-text.ts'
import { eventLine, isShown } from './event-line.ts'
import { exitCodeFor, exitCodeForStatus, exitCodes, type ExitCode } from './exit-codes.ts'
import { freezeReport } from './freeze-table.ts'
import { startProgress, type Progress } from './progress.ts'

type Hooks = Required<Pick<StartOptions, 'onEvent' | 'onStarted' | 'signal'>>

/** `start` begins or resumes the execution with these hooks. */
export async function watchExecution(
  call: Call,
  start: (hooks: Hooks) => Promise<ExecutionDetails>,
): Promise<ExitCode> {
  const progress = startProgress(call)
  let execution: ExecutionRecord | undefined
  const interrupts = listenForInterrupts(call, progress, () => execution?.id)
  try {
    const running = start({
      onStarted: (started) => (execution = started),
      onEvent: (event) => showEvent(call, progress, event),
      signal: interrupts.cancelling,
    })
    const ended = await Promise.race([running, interrupts.left])
    progress.stop()
    return ended === 'left' ? exitCodes.interrupted : await showEnd(call, ended)
  } finally {
    progress.stop()
    interrupts.stop()
  }
}

function showEvent(call: Call, progress: Progress, event: EventRecord): void {
  progress.take(event)
  if (call.isJson) call.print(JSON.stringify(event))
  else if (!call.isQuiet && isShown(event, call.isVerbose)) {
    progress.around(() => call.print(eventLine(event, call.paint)))
  }
}

async function showEnd(call: Call, ended: ExecutionDetails): Promise<ExitCode> {
  if (call.isJson) call.print(JSON.stringify(ended))
  else if (!call.isQuiet) await showFreezes(call, ended)
  if (ended.status === 'failed' && !call.isJson) await showFailure(call, ended)
  return exitCodeForStatus(ended.status)
}

async function showFreezes(call: Call, ended: ExecutionDetails): Promise<void> {
  const report = await freezeReport(ended, call.paint)
  if (report !== '') call.print(report)
}

async function showFailure(call: Call, { id, error }: ExecutionDetails): Promise<void> {
  const paint = paintFor(call.host.env, call.host.stderr.isTerminal, call.wantsColour)
  if (error !== null) call.host.stderr.write(`${await errorText(faultFromRecord(error), paint, false)}\n`)
  if (!call.isQuiet && !isMisuse(error)) call.host.stderr.write(`Carry it on with: fermata executions resume ${id}\n`)
}

/** A wrong parameter stays wrong: to carry that on would fail again. */
function isMisuse(error: ExecutionDetails['error']): boolean {
  return error !== null && exitCodeFor(faultFromRecord(error)) === exitCodes.usage
}

interface Interrupts {
  /** Aborts at the first Ctrl-C. */
  readonly cancelling: AbortSignal
  /** Resolves at the second. */
  readonly left: Promise<'left'>
  stop(): void
}

function listenForInterrupts(call: Call, progress: Progress, executionId: () => string | undefined): Interrupts {
  const cancelling = new AbortController()
  const { promise: left, resolve: leave } = Promise.withResolvers<'left'>()
  const say = (text: string): void => progress.around(() => call.host.stderr.write(`${text}\n`))
  const stop = call.host.onInterrupt(() => {
    const id = executionId()
    if (cancelling.signal.aborted) {
      if (id !== undefined) say(`Leaving. Carry it on with: fermata executions resume ${id}`)
      leave('left')
      return
    }
    say('Cancelling: what is frozen is thawed first. Ctrl-C again leaves at once.')
    cancelling.abort()
  })
  return { cancelling: cancelling.signal, left, stop }
}
