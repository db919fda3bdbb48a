// fs_prepare of a domain: the file systems of its guest stand still, by its agent, with a deadman on watch.
import { fault, withEffect, type Fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { freezeOperation } from '../../contract/operation.ts'
import { libvirtErrorOf } from '../client/errors.ts'
import { domainOf, type NodeDomain } from '../domain/domain-of.ts'
import { stateOf, type StateOfDomain } from '../domain/state.ts'
import { readAhead } from '../snapshot/read-ahead.ts'
import { agentFault, agentPatience, freezeGuest, isRefusal, thawGuest, type Guest } from './agent.ts'
import { domainDeadman } from './deadman.ts'
import { armedGuest, isFrozenHere, leaseEndOf, markFrozen, markThawed, setFrozenFileSystems } from './frozen-here.ts'
import { FreezeInputs, mountpointsOf } from './mounts.ts'
import { forgetRun, rememberRun } from './same-run.ts'
import { isStillAlready } from './still-already.ts'

export const fsPrepare = freezeOperation({
  inputs: FreezeInputs,
  deadman: domainDeadman,
  gives: 'filesystem',
  freeze: async (ctx, given) => {
    const inputs = given as JsonObject
    const [found, now] = await Promise.all([domainOf(ctx, inputs), stateNow(ctx)])
    const mountpoints = mountpointsOf(found.settings)
    if (await isStillAlready(ctx, found, now)) return
    await readAhead(ctx, found, inputs)
    await rememberRun(ctx, found.dom)
    await freeze(ctx, found, mountpoints)
  },
})

/** Of the domain that was armed, asked for while it is looked up. */
async function stateNow(ctx: OperationContext): Promise<StateOfDomain | undefined> {
  const armed = armedGuest(ctx)
  return armed && stateOf(ctx, armed).catch(() => undefined)
}

async function freeze(ctx: OperationContext, { hypervisor, dom }: NodeDomain, mountpoints: readonly string[]) {
  const urgent: Guest = { calls: hypervisor.urgent, dom }
  // What an earlier attempt may have frozen: the agent takes no second one. A thaw gives the agent a patience of its own.
  const isThawed = ctx.operation.inDoubt || isFrozenHere(ctx)
  if (isThawed) await thawGuest(urgent, ctx)
  markFrozen(ctx, dom)
  try {
    // No connection has to be made while guests stand still: not for the cuts, and not for the thaws.
    await hypervisor.warm({ signal: ctx.signal })
    const patience = patienceLeft(ctx)
    const given = isThawed ? undefined : armedGuest(ctx)?.patience
    const count = await freezeGuest({ calls: hypervisor, dom }, ctx, { mountpoints, patience, given })
    if (isTooLate(ctx)) throw fault('freeze.refused', { details: { reason: tooLate }, effect: 'unknown' })
    if (count < Math.max(1, mountpoints.length)) throw nothingFrozen(dom.name, mountpoints, count)
    setFrozenFileSystems(ctx, count)
  } catch (thrown) {
    throw await undone(urgent, ctx, thrown)
  }
}

const tooLate = 'its lease was over before it stood still'

/** Whatever it is that went wrong: when it cannot be known that nothing stands still, it is thawed. */
async function undone(guest: Guest, ctx: OperationContext, thrown: unknown): Promise<unknown> {
  const problem = problemOf(thrown, guest.dom.name)
  const hasEffect = isFault(problem) && problem.effect !== 'none'
  try {
    // The call may have been given up: what thaws must not be given up with it.
    if (hasEffect) await thawGuest(guest, { signal: new AbortController().signal })
  } catch {
    return problem
  }
  markThawed(ctx)
  forgetRun(ctx)
  return hasEffect ? withEffect(problem, 'none') : problem
}

function problemOf(thrown: unknown, domain: string): unknown {
  const isForeign = isRefusal(thrown) && /frozen state/.test(libvirtErrorOf(thrown)?.message ?? '')
  if (isForeign) return fault('libvirt.frozen_already', { details: { domain }, cause: thrown })
  return agentFault(thrown, domain, 'freeze')
}

const isFault = (problem: unknown): problem is Fault => problem instanceof Error && 'effect' in problem

function nothingFrozen(domain: string, mountpoints: readonly string[], count: number): Fault {
  const reason =
    mountpoints.length === 0
      ? 'its agent found no file system to freeze'
      : `of ${mountpoints.join(', ')} its agent froze ${count}`
  return fault('libvirt.nothing_frozen', { details: { domain, reason }, effect: 'unknown' })
}

function isTooLate(ctx: OperationContext): boolean {
  const end = leaseEndOf(ctx)
  return end !== undefined && ctx.world.clock.monotonic() >= end
}

/** Seconds. Whoever thaws when the lease is over must not have to wait for a freeze that hangs. */
function patienceLeft(ctx: OperationContext): number {
  const end = leaseEndOf(ctx)
  if (end === undefined) return agentPatience
  return Math.min(agentPatience, Math.max(1, Math.ceil((end - ctx.world.clock.monotonic()) / 1000)))
}
