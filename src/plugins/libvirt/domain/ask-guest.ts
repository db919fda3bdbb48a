// Asks a guest to shut down or to boot anew: by its agent where there is one that answers, else by the power button.
import type { OperationContext } from '../../contract/context.ts'
import { libvirtErrorOf } from '../client/errors.ts'
import { shutdown } from '../client/flags.ts'
import type { NodeDomain } from './domain-of.ts'
import { isOff, stateOf } from './state.ts'

/** Seconds until an agent that hangs is given up. */
const agentPatience = 5

/** The caller waits for what becomes of it. One that goes off while it is being asked has heard it. */
export async function askGuest(
  ctx: OperationContext,
  place: NodeDomain,
  what: 'DOMAIN_SHUTDOWN_FLAGS' | 'DOMAIN_REBOOT',
): Promise<void> {
  const { hypervisor, dom } = place
  const options = { signal: ctx.signal }
  const timeout = { dom, timeout: agentPatience }
  await hypervisor.call('DOMAIN_AGENT_SET_RESPONSE_TIMEOUT', timeout, options).catch(unlessRefused)
  for (const flags of [0, shutdown.acpi]) {
    const refused = await hypervisor.call(what, { dom, flags }, options).then(() => undefined, errorOf)
    if (refused === undefined || isOff(await stateOf(ctx, place))) return
    if (flags === shutdown.acpi) throw refused
  }
}

function unlessRefused(thrown: unknown): void {
  if (libvirtErrorOf(thrown) === undefined) throw thrown
}

function errorOf(thrown: unknown): Error {
  if (libvirtErrorOf(thrown) !== undefined && thrown instanceof Error) return thrown
  throw thrown
}
