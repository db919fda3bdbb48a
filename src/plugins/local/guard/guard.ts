// The deadman of a local process: a program of its own that lets the process go on when a freeze outlives its lease.
import { isStopped, sessionMembers, signalGroups } from '../../guard/process-table.ts'
import { keepWatch } from '../../guard/watch.ts'
import { runHook } from './hook.ts'
import type { GuardRequest } from './request.ts'

const thawRounds = 40
const thawPause = 50

keepWatch<GuardRequest>((request) => ({ thaw: () => thaw(request) }))

async function thaw(request: GuardRequest): Promise<string> {
  if (request.leaveStopped) return 'left stopped, as it was found'
  if (sessionMembers(request.target, request.mark).length === 0) return 'the process is gone'
  const isRunning = await continueAll(request)
  if (request.finalize === null) return isRunning ? 'thawed' : 'still stopped'
  const { failure } = await runHook(request.finalize, AbortSignal.timeout(request.finalize.timeout))
  return failure === undefined ? 'thawed, finalize hook ran' : `thawed, finalize hook failed: ${failure}`
}

async function continueAll({ target, mark }: GuardRequest): Promise<boolean> {
  for (let round = 0; round < thawRounds; round += 1) {
    const members = sessionMembers(target, mark)
    signalGroups(members, 'SIGCONT')
    if (!members.some((entry) => isStopped(entry.pid))) return true
    await new Promise((resolve) => setTimeout(resolve, thawPause))
  }
  return false
}
