// What goes wrong on the way to a host, as faults: whose doing it is, and whether something may have happened there.
import { fault, type Fault, type FaultOptions } from '../../../kernel/fault.ts'
import type { Target } from './connection.ts'

/** `user@host:port`, the port only where it is unusual. */
export function nameOf(target: Pick<Target, 'host' | 'port' | 'user'>): string {
  return `${target.user}@${target.host}${target.port === 22 ? '' : `:${target.port}`}`
}

/** ssh2 tells by `level` where an error comes from. */
interface Ssh2Error extends Error {
  readonly level?: string
  readonly code?: string
}

/** An error before the connection was there: nothing can have happened on the host. */
export function connectFault(target: Target, thrown: unknown): Fault {
  const problem = thrown as Ssh2Error
  const details = { host: nameOf(target), reason: problem.message }
  const options: FaultOptions = { details, cause: thrown, effect: 'none' }
  if (problem.level === 'client-authentication') return fault('ssh.refused', options)
  return fault('ssh.unreachable', options)
}

/** The connection ended under something that was running. */
export function lostFault(target: Target, reason: string, cause?: unknown): Fault {
  return fault('ssh.connection_lost', { details: { host: nameOf(target), reason }, cause, effect: 'unknown' })
}
