// What libvirt answers when it refuses, as faults: whose doing it is, and whether something may have happened.
import { fault, Fault, type Effect, type FaultCode } from '../../../kernel/fault.ts'
import { errorCodes, errorName, type ErrorName } from './error-codes.ts'
import type { ProcedureName } from './procedures.ts'
import { guestProcedures } from './procedures/guests.ts'
import { remoteError } from './structs.ts'
import { XdrReader } from './xdr.ts'

/** An error as the daemon told it; the cause of the fault that callers see. */
export class LibvirtError extends Error {
  readonly code: number
  /** Which part of libvirt speaks; the same error comes with several. */
  readonly domain: number

  constructor(code: number, domain: number, message: string) {
    super(message)
    this.name = 'LibvirtError'
    this.code = code
    this.domain = domain
  }

  get codeName(): string {
    return errorName(this.code)
  }
}

/** True for a fault that libvirt answered with one of these errors. */
export function hasCode(thrown: unknown, ...names: readonly ErrorName[]): boolean {
  const error = libvirtErrorOf(thrown)
  return error !== undefined && names.some((name) => errorCodes[name] === error.code)
}

export function libvirtErrorOf(thrown: unknown): LibvirtError | undefined {
  const error = thrown instanceof Fault ? thrown.cause : thrown
  return error instanceof LibvirtError ? error : undefined
}

/** @throws Fault `libvirt.bad_message` */
export function decodeError(payload: Buffer): LibvirtError {
  const { code, domain, message } = remoteError.read(new XdrReader(payload))
  const whole = message?.trim() || errorName(code)
  // What follows is the line of the document, which may hold a password.
  const shown = code === errorCodes.XML_DETAIL ? (whole.split('\n')[0] ?? whole) : whole
  return new LibvirtError(code, domain, shown)
}

type Meaning = readonly [code: FaultCode, effect: Effect]

// Refused before anything was begun: effect none. All others may have done a part of it.
const meanings: Readonly<Partial<Record<ErrorName, Meaning>>> = {
  NO_DOMAIN: ['libvirt.not_found', 'none'],
  NO_NETWORK: ['libvirt.not_found', 'none'],
  NO_STORAGE_POOL: ['libvirt.not_found', 'none'],
  NO_STORAGE_VOL: ['libvirt.not_found', 'none'],
  NO_NODE_DEVICE: ['libvirt.not_found', 'none'],
  NO_DOMAIN_SNAPSHOT: ['libvirt.not_found', 'none'],
  NO_DOMAIN_CHECKPOINT: ['libvirt.not_found', 'none'],
  NO_DOMAIN_METADATA: ['libvirt.not_found', 'none'],
  NO_NETWORK_METADATA: ['libvirt.not_found', 'none'],
  NO_DOMAIN_BACKUP: ['libvirt.not_found', 'none'],
  NO_HOSTNAME: ['libvirt.not_found', 'none'],
  DEVICE_MISSING: ['libvirt.not_found', 'none'],
  DOM_EXIST: ['libvirt.exists', 'none'],
  STORAGE_VOL_EXIST: ['libvirt.exists', 'none'],
  OPERATION_DENIED: ['libvirt.denied', 'none'],
  ACCESS_DENIED: ['libvirt.denied', 'none'],
  AUTH_FAILED: ['libvirt.denied', 'none'],
  AUTH_CANCELLED: ['libvirt.denied', 'none'],
  AUTH_UNAVAILABLE: ['libvirt.denied', 'none'],
  INVALID_ARG: ['libvirt.bad_request', 'none'],
  XML_ERROR: ['libvirt.bad_request', 'none'],
  XML_DETAIL: ['libvirt.bad_request', 'none'],
  XML_INVALID_SCHEMA: ['libvirt.bad_request', 'none'],
  INVALID_DOMAIN_SNAPSHOT: ['libvirt.bad_request', 'none'],
  INVALID_DOMAIN_CHECKPOINT: ['libvirt.bad_request', 'none'],
  MULTIPLE_DOMAINS: ['libvirt.bad_request', 'none'],
  NO_SUPPORT: ['libvirt.unsupported', 'none'],
  CALL_FAILED: ['libvirt.unsupported', 'none'],
  CONFIG_UNSUPPORTED: ['libvirt.unsupported', 'none'],
  ARGUMENT_UNSUPPORTED: ['libvirt.unsupported', 'none'],
  OPERATION_UNSUPPORTED: ['libvirt.unsupported', 'none'],
  SNAPSHOT_REVERT_RISKY: ['libvirt.unsupported', 'none'],
  OPERATION_INVALID: ['libvirt.wrong_state', 'none'],
  CHECKPOINT_INCONSISTENT: ['libvirt.wrong_state', 'none'],
  OPERATION_TIMEOUT: ['libvirt.busy', 'none'],
  RESOURCE_BUSY: ['libvirt.busy', 'none'],
  BLOCK_COPY_ACTIVE: ['libvirt.busy', 'none'],
  AGENT_UNRESPONSIVE: ['libvirt.agent_unresponsive', 'unknown'],
  AGENT_COMMAND_TIMEOUT: ['libvirt.agent_unresponsive', 'unknown'],
  AGENT_UNSYNCED: ['libvirt.agent_unresponsive', 'unknown'],
  AGENT_COMMAND_FAILED: ['libvirt.agent_error', 'unknown'],
}

/** `isRead`: nothing can have happened, whatever went wrong. */
export function callFault(call: ProcedureName, error: LibvirtError, isRead: boolean): Fault {
  // Before libvirt 9.1 or so, what the agent reports comes as an internal error.
  const isAgents = error.code === errorCodes.INTERNAL_ERROR && call in guestProcedures
  const named: Meaning | undefined = isAgents
    ? ['libvirt.agent_error', 'unknown']
    : meanings[error.codeName as ErrorName]
  const [code, effect] = named ?? ['libvirt.call_failed', 'unknown']
  return fault(code, {
    details: { call, message: error.message, error: error.codeName },
    effect: isRead ? 'none' : effect,
    cause: error,
  })
}
