// fs_finalize of a domain: its guest goes on, seen from its agent. A guest that does not run, or was started anew, or was
// never frozen, stands still no more.
import { asFault, fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { thawOperation } from '../../contract/operation.ts'
import { domainState } from '../client/codes.ts'
import { domainOf, hypervisorOfNode, type NodeDomain } from '../domain/domain-of.ts'
import { endAhead } from '../snapshot/read-ahead.ts'
import { agentFault, isDown, isFrozen, thawGuest, type Guest } from './agent.ts'
import { frozenDomain, frozenFileSystems, markThawed } from './frozen-here.ts'
import { FreezeInputs } from './mounts.ts'
import { forgetRun, mayStandStill } from './same-run.ts'
import { endStill } from './still-already.ts'

export const fsFinalize = thawOperation({
  inputs: FreezeInputs,
  async thaw(ctx, given) {
    const inputs = given as JsonObject
    endStill(ctx)
    const found = (await thawAsKept(ctx, inputs)) ?? (await thawFound(ctx, inputs))
    markThawed(ctx)
    forgetRun(ctx)
    await endAhead(ctx, found)
  },
})

/** Undefined: it is gone. */
async function thawFound(ctx: OperationContext, inputs: JsonObject): Promise<NodeDomain | undefined> {
  const found = await lookUp(ctx, inputs)
  if (found) await thaw(ctx, found)
  return found
}

/** At once, as this process has frozen it. Undefined: it was not, or the domain is not what it was then. */
async function thawAsKept(ctx: OperationContext, inputs: JsonObject): Promise<NodeDomain | undefined> {
  const dom = frozenDomain(ctx)
  if (!dom) return undefined
  try {
    const found = { ...(await hypervisorOfNode(ctx, inputs)), dom }
    await thaw(ctx, found)
    return found
  } catch (thrown) {
    const now = await lookUp(ctx, inputs)
    if (now?.dom.id === dom.id) throw thrown
    return undefined
  }
}

/** Undefined: it is gone. */
async function lookUp(ctx: OperationContext, inputs: JsonObject): Promise<NodeDomain | undefined> {
  return domainOf(ctx, inputs).catch((thrown: unknown) => {
    if (!['libvirt.missing', 'libvirt.not_created'].includes(asFault(thrown).code)) throw thrown
    ctx.log.warning(`${asFault(thrown).message}: nothing of it stands still`)
    return undefined
  })
}

async function thaw(ctx: OperationContext, { hypervisor, dom }: NodeDomain): Promise<void> {
  const guest: Guest = { calls: hypervisor.urgent, dom }
  try {
    const thawed = await thawGuest(guest, ctx)
    // As many as stood still: there is nothing left to ask for.
    if (thawed >= (frozenFileSystems(ctx) ?? Number.POSITIVE_INFINITY)) return
    if (!(await isFrozen(guest, ctx))) return
  } catch (thrown) {
    const problem = agentFault(thrown, dom.name, 'thaw')
    const isOfAgent = problem !== thrown
    if (isOfAgent && (!mayStandStill(ctx, dom) || (isDown(thrown) && (await isOff(guest, ctx))))) return
    throw problem
  }
  const details = { domain: dom.name, what: 'thaw', reason: 'it says that it is frozen still' }
  throw fault('libvirt.agent_refused', { details, effect: 'unknown' })
}

async function isOff({ calls, dom }: Guest, ctx: OperationContext): Promise<boolean> {
  const { state } = await calls.call('DOMAIN_GET_STATE', { dom }, { signal: ctx.signal })
  return ['shut off', 'crashed', 'none'].includes(domainState(state))
}
