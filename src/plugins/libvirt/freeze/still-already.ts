// Domains whose guests stand still without us: while state is put back into them, those that are off or paused. They need
// no freeze and no deadman, and their thaw finds nothing to do: whoever lets them go meanwhile is the restore itself.
import type { OperationContext } from '../../contract/context.ts'
import type { NodeDomain } from '../domain/domain-of.ts'
import { inWords, isOff, isPaused, stateOf } from '../domain/state.ts'
import { markThawed } from './frozen-here.ts'
import { forgetRun, mayStandStill } from './same-run.ts'

/** True: there is nothing to freeze. */
export async function isStillAlready(ctx: OperationContext, found: NodeDomain): Promise<boolean> {
  if (ctx.bracket?.purpose !== 'replace') return false
  const now = await stateOf(ctx, found)
  // Pauses that pass by themselves are none, and one that came after a freeze of ours owes a thaw.
  if (!isOff(now) && !(isPaused(now) && !mayStandStill(ctx, found.dom))) return false
  // What an earlier attempt may have frozen is gone with its memory.
  markThawed(ctx)
  forgetRun(ctx)
  ctx.log.info(`The domain is ${inWords(now)}, and so its guest stands still already`)
  return true
}
