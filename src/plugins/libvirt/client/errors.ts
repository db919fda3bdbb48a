// What libvirt answers when it refuses, as faults: whose doing it is, and whether something may have happened.
import { Fault } from '../../../kernel/fault.ts'
import { errorCodes, errorName, type ErrorName } from './error-codes.ts'

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
