// What goes wrong before an answer is there, as faults: whether it was sent, and whether it may have done something.
import { formatDuration, type Duration } from '../../kernel/duration.ts'
import { Fault, fault, type Effect, type FaultCode } from '../../kernel/fault.ts'
import { wordsOf } from '../../kernel/words.ts'

/** A request, for people. */
export interface HttpCall {
  /** What is done to what: `POST zones/Z/instances/I/suspend` */
  readonly name: string
  /** Nothing can have happened, whatever went wrong. */
  readonly isRead: boolean
  /** Where it goes to: scheme and host. */
  readonly origin: string
  /** What it has in the provider's own logs, where it has one there. */
  readonly requestId?: string
}

/** What a provider calls them. */
export interface NetworkFaultCodes {
  readonly noAnswer: FaultCode
  readonly badAnswer: FaultCode
  readonly givenUp: FaultCode
  readonly badCertificate: FaultCode
  readonly unreachable: FaultCode
  readonly connectionLost: FaultCode
}

/** Of what was sent without an answer. */
export function effectOf({ isRead }: Pick<HttpCall, 'isRead'>): Effect {
  return isRead ? 'none' : 'unknown'
}

export function noAnswer(codes: NetworkFaultCodes, call: HttpCall, limit: Duration): Fault {
  return fault(codes.noAnswer, {
    details: { call: call.name, limit: formatDuration(limit), requestId: call.requestId },
    effect: effectOf(call),
  })
}

export function tooLarge(codes: NetworkFaultCodes, call: HttpCall, limit: number): Fault {
  return fault(codes.badAnswer, {
    details: { call: call.name, reason: `it has more than ${limit} bytes`, requestId: call.requestId },
    effect: effectOf(call),
  })
}

const neverConnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EPROTO',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** `thrown` by the HTTP client. What was given up before it did anything is the signal's reason. */
export function brokenOff(codes: NetworkFaultCodes, call: HttpCall, thrown: unknown, signal: AbortSignal): unknown {
  if (thrown instanceof Fault) return thrown
  const { name: callName, origin, requestId } = call
  if (signal.aborted) {
    if (call.isRead) return signal.reason
    return fault(codes.givenUp, { details: { call: callName, requestId }, effect: 'unknown', cause: signal.reason })
  }
  const code = codeOf(thrown)
  const reason = reasonOf(thrown)
  if (isAboutCertificates(code)) {
    return fault(codes.badCertificate, { details: { url: origin, reason }, cause: thrown })
  }
  if (neverConnected.has(code)) {
    return fault(codes.unreachable, { details: { url: origin, reason }, cause: thrown })
  }
  return fault(codes.connectionLost, {
    details: { call: callName, reason, requestId },
    effect: effectOf(call),
    cause: thrown,
  })
}

function isAboutCertificates(code: string): boolean {
  return (
    /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_CERT)/.test(code) ||
    code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
  )
}

// Several addresses of one host fail together, each in its own way.
function firstOf(thrown: unknown): unknown {
  return thrown instanceof AggregateError ? (thrown.errors as readonly unknown[])[0] : thrown
}

function codeOf(thrown: unknown): string {
  const code = (firstOf(thrown) as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

function reasonOf(thrown: unknown): string {
  const code = codeOf(thrown)
  const words = wordsOf(firstOf(thrown)).split('\n')[0] ?? ''
  return words === '' ? code || 'the connection broke' : words
}
