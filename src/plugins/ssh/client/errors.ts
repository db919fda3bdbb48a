// What goes wrong on the way to a host, as faults: whose doing it is, and whether something may have happened there.
import { fault, type Fault } from '../../../kernel/fault.ts'
import type { Target } from './connection.ts'

/** `user@host:port`, the port only where it is unusual. */
export function nameOf(target: Pick<Target, 'host' | 'port' | 'user'>): string {
  return `${target.user}@${target.host}${target.port === 22 ? '' : `:${target.port}`}`
}

/** An error's words; an error of several attempts to connect has none of its own. */
export function reasonOf(thrown: unknown): string {
  const problem = thrown as Error & { readonly code?: string; readonly errors?: readonly Error[] }
  return (
    problem.message || problem.errors?.map(({ message }) => message).join('; ') || problem.code || 'no reason given'
  )
}

/** An error before the connection was there: nothing can have happened on the host. */
export function connectFault(target: Target, cause: unknown): Fault {
  const { code = '' } = cause as { readonly code?: string }
  const isSilent = ['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN'].includes(code)
  return unreachableFault(target, { reason: reasonOf(cause), isSilent, cause })
}

/**
 * `isSilent`: nothing at all answers there, as where a host is down. Whoever refuses, or takes the connection and then
 * says nothing, is up.
 */
export function unreachableFault(
  target: Target,
  { reason, isSilent, cause }: { readonly reason: string; readonly isSilent: boolean; readonly cause?: unknown },
): Fault {
  const details = { host: nameOf(target), reason, ...(isSilent ? { is_silent: true } : {}) }
  return fault('ssh.unreachable', { details, ...(cause === undefined ? {} : { cause }), effect: 'none' })
}

/** The connection ended under something that was running. */
export function lostFault(target: Target, reason: string, cause?: unknown): Fault {
  return fault('ssh.connection_lost', { details: { host: nameOf(target), reason }, cause, effect: 'unknown' })
}

/** The host opened no channel: nothing was begun. */
export function channelFault(target: Target, reason: string, cause?: unknown): Fault {
  return fault('ssh.channel_refused', { details: { host: nameOf(target), reason }, cause, effect: 'none' })
}
