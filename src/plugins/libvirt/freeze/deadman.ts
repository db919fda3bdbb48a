// What thaws the guest of a domain when nobody else does: a script in the guest where its agent may start one, else
// somebody beside the hypervisor.
import type { Duration, Instant } from '../../../kernel/duration.ts'
import { asFault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Deadman, DeadmanHandle, DeadmanProbe, DeadmanRequest } from '../../contract/deadman.ts'
import { notArmed } from '../../guard/launch.ts'
import { guestHandleFrom, instanceName } from '../../ssh/deadman/handle.ts'
import { domainOf, type NodeDomain } from '../domain/domain-of.ts'
import { stateOf } from '../domain/state.ts'
import { setLeaseEnd } from './frozen-here.ts'
import { armInGuest, disarmInGuest, whyNotInGuest } from './guest-deadman.ts'
import { inGuestHandleFrom } from './guest-handle.ts'
import {
  armBesideSocket,
  disarmBesideSocket,
  extendBesideSocket,
  guardHandleFrom,
  whyNotBesideSocket,
} from './host-deadman.ts'
import { isOverSsh, onHypervisor } from './hypervisor-deadman.ts'
import { looksStill } from './still-already.ts'

/**
 * A guest that stands still hears nothing that could give its deadman more time: its agent follows only thaw, status and
 * ping then. So only those beside the hypervisor can be extended.
 */
export const domainDeadman: Deadman = { kind: 'guest', probe, arm, extend, disarm }

/** What the last look into the guest of an instance said; others may wait frozen while it is armed. */
const seenInside = new Map<string, string | null>()

async function probe(ctx: OperationContext): Promise<DeadmanProbe> {
  const found = await domainOf(ctx)
  const now = await stateOf(ctx, found)
  if (looksStill(ctx, found, now)) return { ...none(`the domain is ${now.state}`), isStill: true }
  if (now.state !== 'running' && now.state !== 'blocked') return none(`the domain is ${now.state}`)
  const inside = await whyNotInGuest(ctx, found)
  seenInside.set(instanceName(ctx), inside)
  if (inside === null) return { kind: 'guest', longestHold: null, reason: null }
  const beside = await whyNotBeside(ctx, found)
  if (beside === null) return { kind: 'host', longestHold: null, reason: inside }
  return none(`${inside}; ${beside}`)
}

const none = (reason: string): DeadmanProbe => ({ kind: 'none', longestHold: null, reason })

async function whyNotBeside(ctx: OperationContext, { settings }: NodeDomain): Promise<string | null> {
  if (!isOverSsh(settings.uri)) return whyNotBesideSocket(settings.uri)
  const found = await onHypervisor.probe?.(ctx)
  return found?.kind === 'none' ? (found.reason ?? 'there can be none') : null
}

async function arm(ctx: OperationContext, request: DeadmanRequest): Promise<DeadmanHandle> {
  const found = await domainOf(ctx)
  const begun = ctx.world.clock.monotonic()
  const handle = await armWhere(ctx, found, request)
  setLeaseEnd(ctx, begun + request.lease)
  return handle
}

async function armWhere(ctx: OperationContext, found: NodeDomain, request: DeadmanRequest): Promise<DeadmanHandle> {
  const seen = seenInside.get(instanceName(ctx))
  seenInside.delete(instanceName(ctx))
  const inside = seen === undefined ? await whyNotInGuest(ctx, found) : seen
  if (inside === null) return armInGuest(ctx, found, request)
  if (isOverSsh(found.settings.uri)) return onHypervisor.arm(ctx, request)
  const beside = whyNotBesideSocket(found.settings.uri)
  if (beside !== null) throw notArmed(`${inside}; ${beside}`)
  return armBesideSocket(ctx, found, request)
}

async function extend(ctx: OperationContext, given: DeadmanHandle, lease: Duration): Promise<DeadmanHandle> {
  const guard = guardHandleFrom(given)
  const end = ctx.world.clock.monotonic() + lease
  if (inGuestHandleFrom(given)) throw notArmed('a guest that stands still hears nothing that could give it more time')
  if (guard) await extendBesideSocket(ctx, guard, lease)
  const handle = guard ?? (await onHypervisor.extend?.(ctx, given, lease)) ?? given
  setLeaseEnd(ctx, end)
  return handle
}

async function disarm(ctx: OperationContext, given: DeadmanHandle): Promise<{ readonly firedAt: Instant | null }> {
  const guard = guardHandleFrom(given)
  if (guard) return { firedAt: await disarmBesideSocket(ctx, guard) }
  if (guestHandleFrom(given)) return onHypervisor.disarm(ctx, given)
  const inside = inGuestHandleFrom(given)
  if (!inside) return { firedAt: null }
  const found = await domainOf(ctx).catch((thrown: unknown) => {
    if (asFault(thrown).code !== 'libvirt.missing') throw thrown
    // Its memory is gone with it.
    return undefined
  })
  return { firedAt: found ? await disarmInGuest(ctx, found, inside) : null }
}
