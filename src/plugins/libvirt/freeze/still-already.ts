// Domains whose guests stand still without us: for a backup those that were shut down in order, for a restore all that are
// off or paused. They need no freeze and no deadman, and their thaw finds nothing to do.
import type { OperationContext } from '../../contract/context.ts'
import { notArmed } from '../../guard/launch.ts'
import { instanceIdentity } from '../../ssh/deadman/handle.ts'
import { shutOffReasons } from '../client/codes.ts'
import type { NodeDomain } from '../domain/domain-of.ts'
import { inWords, isOff, isPaused, stateOf, type StateOfDomain } from '../domain/state.ts'
import { markThawed } from './frozen-here.ts'
import { forgetRun, mayStandStill } from './same-run.ts'

/** What this process took to be off for its cut, from the freeze to the thaw. */
const takenForOff = new Set<string>()
/** What the last look took to need no deadman. */
const goesUnarmed = new Set<string>()

function standsStill(ctx: OperationContext, { dom }: Pick<NodeDomain, 'dom'>, now: StateOfDomain): boolean {
  // Disks that nobody brought to order hold less than a freeze gives, and a pause does not flush them.
  if (ctx.bracket?.purpose !== 'replace') return now.state === 'shut off' && now.reason === shutOffReasons.shutdown
  // Pauses that pass by themselves are none, and one that came after a freeze of ours owes a thaw.
  return isOff(now) || (isPaused(now) && !mayStandStill(ctx, dom))
}

/** For the look before a freeze: whom it lets go without a deadman is not frozen without one. */
export function looksStill(ctx: OperationContext, found: NodeDomain, now: StateOfDomain): boolean {
  const isStill = standsStill(ctx, found, now)
  if (isStill) goesUnarmed.add(instanceIdentity(ctx))
  else goesUnarmed.delete(instanceIdentity(ctx))
  return isStill
}

/** True: there is nothing to freeze. `seen`: its state, read just now. @throws Fault `freeze.not_armed` when it runs since the look */
export async function isStillAlready(ctx: OperationContext, found: NodeDomain, seen?: StateOfDomain): Promise<boolean> {
  takenForOff.delete(instanceIdentity(ctx))
  const now = seen ?? (await stateOf(ctx, found))
  const wentUnarmed = goesUnarmed.has(instanceIdentity(ctx))
  if (!standsStill(ctx, found, now)) {
    if (wentUnarmed) throw notArmed(`the domain stood still when it was looked at, and is ${inWords(now)} now`)
    return false
  }
  // What an earlier attempt may have frozen is gone with its memory.
  markThawed(ctx)
  forgetRun(ctx)
  if (ctx.bracket?.purpose === 'save') takenForOff.add(instanceIdentity(ctx))
  ctx.log.info(`The domain is ${inWords(now)}, and so its guest stands still already`)
  return true
}

/** Null: a cut finds it as its freeze did. Else why it would not hold what that promised. */
export function whyNotStill(ctx: OperationContext, isUp: boolean): string | null {
  return isUp && takenForOff.has(instanceIdentity(ctx)) ? 'it was off, and somebody has started it meanwhile' : null
}

export function endStill(ctx: OperationContext): void {
  takenForOff.delete(instanceIdentity(ctx))
}
