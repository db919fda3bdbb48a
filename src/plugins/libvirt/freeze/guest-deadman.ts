// The deadman in the guest itself: a script in its memory, put there by its agent before the freeze, that thaws when the
// lease ends. From the freeze on it needs neither the agent nor the hypervisor.
import type { Duration, Instant } from '../../../kernel/duration.ts'
import { asFault, fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { DeadmanRequest } from '../../contract/deadman.ts'
import { notArmed } from '../../guard/launch.ts'
import { armedPlaceIn, firingIn, toldFiring } from '../../guest/answers.ts'
import { wordsOf, type ShellResult } from '../../guest/shell.ts'
import { instanceName } from '../../ssh/deadman/handle.ts'
import { armScript, disarmScript, probeScript } from '../../ssh/deadman/scripts.ts'
import type { NodeDomain } from '../domain/domain-of.ts'
import { agentFault, allowedCommands, isAbsent, isDown, isFrozen, isRefusal, thawGuest, type Guest } from './agent.ts'
import { inGuestHandleFrom, type InGuestHandle } from './guest-handle.ts'
import { runInGuest, shellCommands } from './guest-shell.ts'
import { guestThawScript } from './guest-thaw.ts'
import { forgetRun, mayStandStillUnder, rememberDeadman } from './same-run.ts'

const armPatience: Duration = 20_000
const disarmPatience: Duration = 60_000
/** Between two looks whether somebody else's freeze is over. */
const pause: Duration = 100

/** Null when the guest can carry one, else why not. Changes nothing that lasts. */
export async function whyNotInGuest(ctx: OperationContext, found: NodeDomain): Promise<string | null> {
  const guest = guestOf(found)
  try {
    const allowed = await allowedCommands(guest, ctx)
    const forbidden = shellCommands.find((command) => !allowed.has(command))
    if (forbidden !== undefined) return `the agent in the guest does not follow ${forbidden}`
    const script = `command -v fsfreeze >/dev/null || { echo 'fsfreeze is missing' >&2; exit 3; }\n${probeScript}`
    const result = await runInGuest(guest, ctx, script, armPatience)
    return result.code === 0 ? null : wordsOf(result)
  } catch (thrown) {
    const problem = agentFault(thrown, found.dom.name, 'take a look')
    if (problem === thrown) throw thrown
    return asFault(problem).message
  }
}

export async function armInGuest(
  ctx: OperationContext,
  found: NodeDomain,
  request: DeadmanRequest,
): Promise<InGuestHandle> {
  const id = ctx.world.randomText(16, 'abcdefghijklmnopqrstuvwxyz0123456789')
  const { lease } = request
  const script = armScript({
    instance: instanceName(ctx),
    id,
    lease,
    maximum: lease,
    thaw: guestThawScript,
    files: {},
  })
  const result = await runInGuest(guestOf(found), ctx, script, armPatience).catch((thrown: unknown) => {
    throw agentFault(thrown, found.dom.name, 'take a deadman in')
  })
  const handle = inGuestHandleFrom({
    kind: 'libvirt-guest',
    token: request.token,
    id,
    ...armedPlaceIn(result.stdout, ctx.world.clock.now()),
    domainId: found.dom.id,
  })
  if (result.code === 0 && handle) {
    rememberDeadman(ctx, id)
    return handle
  }
  throw notArmed(wordsOf(result))
}

/** Null: it did not fire, or is gone with the memory that it lived in. */
export async function disarmInGuest(
  ctx: OperationContext,
  found: NodeDomain,
  handle: InGuestHandle,
): Promise<Instant | null> {
  let result: ShellResult
  try {
    result = await runThawed(ctx, found, handle)
  } catch (thrown) {
    if ((isAbsent(thrown) || isDown(thrown)) && found.dom.id !== handle.domainId) return null
    throw agentFault(thrown, found.dom.name, 'end its deadman')
  }
  const firing = firingIn(result)
  if (firing === undefined) {
    const details = { domain: found.dom.name, what: 'end its deadman', reason: wordsOf(result) }
    throw fault('libvirt.agent_refused', { details, effect: 'none' })
  }
  return firing === null ? null : toldFiring(ctx, firing, handle.clockOffset)
}

// A guest that its deadman has thawed runs, while its agent goes on to believe that it stands still, and follows nothing
// else before it is told to thaw. A freeze that came after ours is somebody else's: its end is waited for.
async function runThawed(ctx: OperationContext, found: NodeDomain, handle: InGuestHandle): Promise<ShellResult> {
  const guest = guestOf(found)
  const { clock } = ctx.world
  const end = clock.monotonic() + disarmPatience
  for (let wasFrozen = true; ;) {
    try {
      return await runInGuest(guest, ctx, disarmScript(handle), disarmPatience)
    } catch (thrown) {
      // The freeze may have ended between the refusal and the look.
      if (!isRefusal(thrown) || !wasFrozen || clock.monotonic() > end) throw thrown
    }
    wasFrozen = await isFrozen(guest, ctx)
    if (!wasFrozen) continue
    if (!mayStandStillUnder(ctx, found.dom, handle.id)) await clock.sleep(pause, ctx.signal)
    else {
      await thawGuest(guest, ctx)
      forgetRun(ctx)
    }
  }
}

const guestOf = ({ hypervisor, dom }: NodeDomain): Guest => ({ calls: hypervisor.urgent, dom })
