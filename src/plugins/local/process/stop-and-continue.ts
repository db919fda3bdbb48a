// Stops and continues all processes of a session with signals, and reads back that they did.
import { seconds } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { isStopped, signalGroups } from '../../guard/process-table.ts'
import { membersOf, type KnownProcess } from './running-process.ts'

const pause = 5
const patience = seconds(5)

/** Rounds after which a stop that does not come is loosened once. */
const loosenEvery = 8

/** Resolves when every thread of every process is stopped. @throws Fault `freeze.refused` after 5 s */
export async function stopAll(ctx: OperationContext, known: KnownProcess): Promise<void> {
  let round = 0
  const isDone = await attempt(ctx, async () => {
    round += 1
    // A parent that waits for its vfork child to begin a program cannot be stopped itself, and never would be once the
    // child is: the child is let go on for a moment.
    if (round % loosenEvery === 0) {
      signalGroups(membersOf(known), 'SIGCONT')
      await ctx.world.clock.sleep(1)
    }
    signalGroups(membersOf(known), 'SIGSTOP')
    return allStopped(known)
  })
  if (isDone) return
  throw fault('freeze.refused', { details: { reason: `process ${known.pid} does not stop` }, effect: 'unknown' })
}

/** Resolves when no process is stopped any more. @throws Fault `freeze.still_frozen` after 5 s */
export async function continueAll(ctx: OperationContext, known: KnownProcess): Promise<void> {
  const isDone = await attempt(ctx, async () => {
    signalGroups(membersOf(known), 'SIGCONT')
    return !anyStopped(known)
  })
  if (!isDone) throw fault('freeze.still_frozen', { details: { reason: `process ${known.pid} stays stopped` } })
}

export function allStopped(known: KnownProcess): boolean {
  const members = membersOf(known)
  return members.length > 0 && members.every((entry) => isStopped(entry.pid))
}

function anyStopped(known: KnownProcess): boolean {
  return membersOf(known).some((entry) => isStopped(entry.pid))
}

// Again and again, because a process may fork between being listed and being signalled.
async function attempt(ctx: OperationContext, round: () => Promise<boolean>): Promise<boolean> {
  const { clock } = ctx.world
  const end = clock.monotonic() + patience
  for (;;) {
    if (await round()) return true
    if (clock.monotonic() > end) return false
    // Not ended by a cancel: half of a freeze or of a thaw helps nobody.
    await clock.sleep(pause)
  }
}
