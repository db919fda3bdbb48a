// What the agent in a guest is asked, and how its refusals read. Each question has an end: an agent that hangs would hold
// up whoever asks it without one.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import { fault, type Fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Calls } from '../client/connection.ts'
import { hasCode, libvirtErrorOf } from '../client/errors.ts'
import type { Domain } from '../client/structs.ts'

/** A guest as its agent is reached. `calls` is the urgent way, or one of its own. */
export interface Guest {
  readonly calls: Calls
  readonly dom: Domain
}

type Ctx = Pick<OperationContext, 'signal'>

/** Seconds that the agent has for one answer: a freeze flushes, and runs hooks of the guest. */
export const agentPatience = 30
/** For what costs it nothing. */
const glance = 5

/** Libvirt keeps it for the domain until somebody sets it anew, so it is set before whatever may hang. */
export async function setPatience(guest: Guest, ctx: Ctx, patience: number): Promise<void> {
  await guest.calls.call('DOMAIN_AGENT_SET_RESPONSE_TIMEOUT', { dom: guest.dom, timeout: patience }, options(ctx))
}

/** How many file systems it froze. */
export async function freezeGuest(
  guest: Guest,
  ctx: Ctx,
  { mountpoints, patience, given = Number.POSITIVE_INFINITY }: FreezeWish,
): Promise<number> {
  if (given > patience) await setPatience(guest, ctx, patience)
  const { dom } = guest
  const { filesystems } = await guest.calls.call('DOMAIN_FSFREEZE', { dom, mountpoints }, options(ctx, patience))
  return filesystems
}

interface FreezeWish {
  /** Empty: all. */
  readonly mountpoints: readonly string[]
  /** Seconds for the agent. */
  readonly patience: number
  /** What it was told already. */
  readonly given?: number | undefined
}

/** How many it thawed: 0 when nothing was frozen, or when somebody else has thawed already. */
export async function thawGuest(guest: Guest, ctx: Ctx): Promise<number> {
  const { dom } = guest
  // Both at once: the thaw is what is waited for, and the freeze has set a patience already.
  const [{ filesystems }] = await Promise.all([
    guest.calls.call('DOMAIN_FSTHAW', { dom, mountpoints: [] }, options(ctx, agentPatience)),
    setPatience(guest, ctx, agentPatience),
  ])
  return filesystems
}

/** What the agent believes: it still says `frozen` when somebody in the guest has thawed without asking it. */
export async function isFrozen(guest: Guest, ctx: Ctx): Promise<boolean> {
  return (await ask(guest, ctx, 'guest-fsfreeze-status')) === 'frozen'
}

/** The commands it would follow now. */
export async function allowedCommands(guest: Guest, ctx: Ctx): Promise<ReadonlySet<string>> {
  const answer = await ask(guest, ctx, 'guest-info')
  const commands = isJsonObject(answer) ? answer['supported_commands'] : undefined
  const known = Array.isArray(commands) ? (commands as readonly Json[]).filter(isJsonObject) : []
  return new Set(known.filter(({ enabled }) => enabled === true).map(({ name }) => String(name)))
}

/** One command of the agent; what it returns. */
export async function ask(guest: Guest, ctx: Ctx, execute: string, given: JsonObject = {}): Promise<Json> {
  const cmd = JSON.stringify({ execute, ...(Object.keys(given).length > 0 ? { arguments: given } : {}) })
  const args = { dom: guest.dom, cmd, timeout: glance }
  const { result } = await guest.calls.call('DOMAIN_AGENT_COMMAND', args, options(ctx, glance))
  const answer: unknown = JSON.parse(result ?? '{}')
  return isJsonObject(answer as Json) ? ((answer as JsonObject)['return'] ?? null) : null
}

/** Nobody is behind the channel, or whoever is there says nothing. */
export function isSilent(thrown: unknown): boolean {
  return hasCode(thrown, 'AGENT_UNRESPONSIVE', 'AGENT_COMMAND_TIMEOUT', 'AGENT_UNSYNCED')
}

/** The channel has nobody at its other end: nothing was even asked. */
export function isAbsent(thrown: unknown): boolean {
  return isSilent(thrown) && /not connected|not configured/i.test(libvirtErrorOf(thrown)?.message ?? '')
}

/** The agent was asked, and said no: with the code that each version of libvirt gives that. */
export function isRefusal(thrown: unknown): boolean {
  return hasCode(thrown, 'INTERNAL_ERROR', 'AGENT_COMMAND_FAILED')
}

/** The domain does not run, or its CPUs stand still. */
export function isDown(thrown: unknown): boolean {
  return hasCode(thrown, 'OPERATION_INVALID')
}

/** What the agent said, in our words. Faults that are not the agent's are left as they are. */
export function agentFault(thrown: unknown, domain: string, what: string): unknown {
  if (isAbsent(thrown) || hasCode(thrown, 'ARGUMENT_UNSUPPORTED', 'CONFIG_UNSUPPORTED')) return noAgent(domain, thrown)
  if (isSilent(thrown)) {
    const details = { domain, what }
    return fault('libvirt.guest_silent', { details, effect: 'unknown', cause: thrown })
  }
  if (isDown(thrown)) return fault('libvirt.guest_halted', { details: { domain, what }, cause: thrown })
  if (!isRefusal(thrown)) return thrown
  const reason = libvirtErrorOf(thrown)?.message ?? ''
  return fault('libvirt.agent_refused', { details: { domain, what, reason }, effect: 'unknown', cause: thrown })
}

function noAgent(domain: string, cause: unknown): Fault {
  return fault('libvirt.no_agent', { details: { domain }, cause })
}

// The daemon gives up by itself; the deadline is for a daemon that does not.
function options({ signal }: Ctx, patience = 0): { readonly signal: AbortSignal; readonly deadline: Duration } {
  return { signal, deadline: seconds(patience + 15) }
}
