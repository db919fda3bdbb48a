// What this process has frozen, or is about to: by node instance. Others find what they need in the ledger and in the
// deadman itself.
import type { Duration } from '../../../kernel/duration.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { instanceIdentity } from '../../ssh/deadman/handle.ts'
import type { Domain } from '../client/structs.ts'
import { domainOf, hypervisorOfNode, type NodeDomain } from '../domain/domain-of.ts'

type Owner = Pick<OperationContext, 'stateDirectory' | 'deployment' | 'instance'>

const frozen = new Map<string, Domain>()
/** As the agents told when they froze. */
const fileSystems = new Map<string, number>()
const leaseEnds = new Map<string, Duration>()
const armed = new Map<string, ArmedGuest>()

/** A guest as it was when its deadman was armed, a moment before its freeze. */
export interface ArmedGuest extends Pick<NodeDomain, 'hypervisor' | 'dom'> {
  /** Seconds that its agent was given for an answer. */
  readonly patience: number | undefined
}

/** True from the freeze to the thaw: whoever snapshots the domain meanwhile makes others wait. */
export const isFrozenHere = (ctx: Owner): boolean => frozen.has(instanceIdentity(ctx))

export const frozenDomain = (ctx: Owner): Domain | undefined => frozen.get(instanceIdentity(ctx))

/** The domain of the node, without a question to the hypervisor while its guest stands still. */
export async function domainInFreeze(ctx: OperationContext, inputs: JsonObject): Promise<NodeDomain> {
  const dom = frozenDomain(ctx)
  return dom ? { ...(await hypervisorOfNode(ctx, inputs)), dom } : domainOf(ctx, inputs)
}

export function markFrozen(ctx: Owner, dom: Domain): void {
  frozen.set(instanceIdentity(ctx), dom)
}

/** How many file systems stand still; undefined when that is not known here. */
export const frozenFileSystems = (ctx: Owner): number | undefined => fileSystems.get(instanceIdentity(ctx))

export function setFrozenFileSystems(ctx: Owner, count: number): void {
  fileSystems.set(instanceIdentity(ctx), count)
}

export function markThawed(ctx: Owner): void {
  frozen.delete(instanceIdentity(ctx))
  fileSystems.delete(instanceIdentity(ctx))
  leaseEnds.delete(instanceIdentity(ctx))
  armed.delete(instanceIdentity(ctx))
}

/** undefined: nothing was armed here. */
export const armedGuest = (ctx: Owner): ArmedGuest | undefined => armed.get(instanceIdentity(ctx))

export function setArmed(ctx: Owner, guest: ArmedGuest): void {
  armed.set(instanceIdentity(ctx), guest)
}

/** On the clock that nobody sets; undefined when no deadman was armed here. */
export const leaseEndOf = (ctx: Owner): Duration | undefined => leaseEnds.get(instanceIdentity(ctx))

export function setLeaseEnd(ctx: Owner, end: Duration): void {
  leaseEnds.set(instanceIdentity(ctx), end)
}
