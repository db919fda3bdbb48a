// How a verb ends that showed a result of its own and ran an execution for it.
import type { ExecutionDetails } from '../engine/api.ts'
import { faultFromRecord } from '../kernel/fault.ts'
import type { Call } from './call.ts'
import { paintFor } from './colours.ts'
import { errorText } from './error-text.ts'
import { exitCodeFor, exitCodeForStatus, type ExitCode } from './exit-codes.ts'

/** Prints what it failed by, and tells the exit code. */
export async function endOf(call: Call, { error, status }: ExecutionDetails): Promise<ExitCode> {
  if (error === null) return exitCodeForStatus(status)
  const problem = faultFromRecord(error)
  const paint = paintFor(call.host.env, call.host.stderr.isTerminal, call.wantsColour)
  if (!call.isJson) call.host.stderr.write(`${await errorText(problem, paint, false)}\n`)
  return exitCodeFor(problem)
}
