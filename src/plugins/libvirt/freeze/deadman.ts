// What thaws the guest of a domain when nobody else does: a script in the guest, or somebody beside its hypervisor.
import type { Duration, Instant } from '../../../kernel/duration.ts'
import { asFault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Deadman, DeadmanHandle, DeadmanProbe, DeadmanRequest } from '../../contract/deadman.ts'
import { notArmed } from '../../guard/launch.ts'
import { guestHandleFrom, instanceIdentity } from '../../ssh/deadman/handle.ts'
import { domainOf, type NodeDomain } from '../domain/domain-of.ts'
import { stateOf } from '../domain/state.ts'
import { agentPatience, setPatience } from './agent.ts'
import { setArmed, setLeaseEnd } from './frozen-here.ts'
import { placeOfDeadman, type DeadmanPlace } from './deadman-place.ts'
import { armInGuest, disarmInGuest } from './guest-deadman.ts'
import { inGuestHandleFrom } from './guest-handle.ts'
import {
  armBesideSocket,
  disarmBesideSocket,
  extendBesideSocket,
  guardHandleFrom,
  readyBesideSocket,
} from './host-deadman.ts'
import { isOverSsh, onHypervisor } from './hypervisor-deadman.ts'
import { looksStill } from './still-already.ts'

/**
 * A guest that stands still hears nothing that could give its deadman more time: its agent follows only thaw, status and
 * ping then. So only those beside the hypervisor can be extended.
 */
export const domainDeadman: Deadman = { kind: 'guest', probe, arm, extend, disarm }

/** What the last look at the guest of an instance said; others may wait frozen while it is armed. */
const seen = new Map<string, DeadmanPlace>()

async function probe(ctx: OperationContext): Promise<DeadmanProbe> {
  const found = await domainOf(ctx)
  const now = await stateOf(ctx, found)
  if (looksStill(ctx, found, now)) return { ...none(`the domain is ${now.state}`), isStill: true }
  if (now.state !== 'running' && now.state !== 'blocked') return none(`the domain is ${now.state}`)
  const place = await placeOfDeadman(ctx, found)
  seen.set(instanceIdentity(ctx), place)
  if (place.kind === 'host' && !isOverSsh(found.settings.uri)) readyBesideSocket()
  return { ...place, longestHold: null }
}

const none = (reason: string): DeadmanProbe => ({ kind: 'none', longestHold: null, reason })

async function arm(ctx: OperationContext, request: DeadmanRequest): Promise<DeadmanHandle> {
  const found = await domainOf(ctx)
  const begun = ctx.world.clock.monotonic()
  const ahead = readyForFreeze(ctx, found, request)
  const handle = await armWhere(ctx, found, request)
  setLeaseEnd(ctx, begun + request.lease)
  await ahead
  return handle
}

/** What the freeze would wait for is done while the deadman is armed. What fails now is done when it is needed. */
async function readyForFreeze(
  ctx: OperationContext,
  { hypervisor, dom }: NodeDomain,
  { lease }: DeadmanRequest,
): Promise<void> {
  const { signal } = ctx
  const patience = Math.max(1, Math.min(agentPatience, Math.floor(lease / 1000)))
  const [, isSet] = await Promise.allSettled([
    hypervisor.warm({ signal }),
    setPatience({ calls: hypervisor.urgent, dom }, { signal }, patience),
  ])
  setArmed(ctx, { hypervisor, dom, patience: isSet.status === 'fulfilled' ? patience : undefined })
}

async function armWhere(ctx: OperationContext, found: NodeDomain, request: DeadmanRequest): Promise<DeadmanHandle> {
  const known = seen.get(instanceIdentity(ctx))
  seen.delete(instanceIdentity(ctx))
  const { kind, reason } = known ?? (await placeOfDeadman(ctx, found))
  if (kind === 'none') throw notArmed(reason ?? 'there can be none')
  if (kind === 'guest') return armInGuest(ctx, found, request)
  return isOverSsh(found.settings.uri) ? onHypervisor.arm(ctx, request) : armBesideSocket(ctx, found, request)
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
