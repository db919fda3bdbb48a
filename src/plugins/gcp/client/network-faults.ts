// What goes wrong before an answer is there, as faults: whether it was sent, and whether it may have done something.
import { formatDuration, type Duration } from '../../../kernel/duration.ts'
import { Fault, fault, type Effect } from '../../../kernel/fault.ts'
import { wordsOf } from '../../../kernel/words.ts'

/** A request, for people. */
export interface Call {
  /** `POST zones/Z/instances/I/suspend` */
  readonly name: string
  /** Nothing can have happened, whatever went wrong. */
  readonly isRead: boolean
  /** Where it goes to: scheme and host. */
  readonly origin: string
  /** Of a change, also what the cloud knows it by when it comes a second time. */
  readonly requestId: string
}

/** Of what was sent without an answer. */
export function effectOf({ isRead }: Pick<Call, 'isRead'>): Effect {
  return isRead ? 'none' : 'unknown'
}

export function noAnswer(call: Call, limit: Duration): Fault {
  return fault('gcp.no_answer', {
    details: { call: call.name, limit: formatDuration(limit), requestId: call.requestId },
    effect: effectOf(call),
  })
}

export function tooLarge(call: Call, limit: number): Fault {
  return fault('gcp.bad_answer', {
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
export function brokenOff(call: Call, thrown: unknown, signal: AbortSignal): unknown {
  if (thrown instanceof Fault) return thrown
  const { name: callName, origin, requestId } = call
  if (signal.aborted) {
    if (call.isRead) return signal.reason
    return fault('gcp.given_up', {
      details: { call: callName, requestId },
      effect: 'unknown',
      cause: signal.reason,
    })
  }
  const code = codeOf(thrown)
  const reason = reasonOf(thrown)
  if (isAboutCertificates(code)) {
    return fault('gcp.bad_certificate', { details: { url: origin, reason }, cause: thrown })
  }
  if (neverConnected.has(code)) {
    return fault('gcp.unreachable', { details: { url: origin, reason }, cause: thrown })
  }
  return fault('gcp.connection_lost', {
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
