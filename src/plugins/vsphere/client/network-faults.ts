// What goes wrong before an answer is there, as faults: whether it was sent, and whether it may have done something.
import { formatDuration, type Duration } from '../../../kernel/duration.ts'
import { Fault, fault, type Effect } from '../../../kernel/fault.ts'
import { wordsOf } from '../../../kernel/words.ts'

/** A request, for people. */
export interface Call {
  /** `CreateSnapshot_Task vm-57` */
  readonly name: string
  /** Nothing can have happened, whatever went wrong. */
  readonly isRead: boolean
  /** Where it goes to: scheme and host. */
  readonly origin: string
}

/** Of what was sent without an answer. */
export const effectOf = ({ isRead }: Pick<Call, 'isRead'>): Effect => (isRead ? 'none' : 'unknown')

export function noAnswer(call: Call, limit: Duration): Fault {
  return fault('vsphere.no_answer', {
    details: { call: call.name, limit: formatDuration(limit) },
    effect: effectOf(call),
  })
}

export function badAnswer(call: Call, reason: string, effect: Effect = effectOf(call)): Fault {
  return fault('vsphere.bad_answer', { details: { call: call.name, reason }, effect })
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

/** The certificate is not the one that was named. */
export const wrongThumbprint = 'CERT_WRONG_THUMBPRINT'

/** `thrown` by the HTTP client. What was given up before it did anything is the signal's reason. */
export function brokenOff(call: Call, thrown: unknown, signal: AbortSignal): unknown {
  if (thrown instanceof Fault) return thrown
  const { name: callName, origin: url } = call
  if (signal.aborted) {
    if (call.isRead) return signal.reason
    return fault('vsphere.given_up', { details: { call: callName }, effect: 'unknown', cause: signal.reason })
  }
  const code = codeOf(thrown)
  const reason = reasonOf(thrown)
  if (/^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_CERT)/.test(code)) {
    return fault('vsphere.bad_certificate', { details: { url, reason }, cause: thrown })
  }
  if (neverConnected.has(code)) return fault('vsphere.unreachable', { details: { url, reason }, cause: thrown })
  return fault('vsphere.connection_lost', {
    details: { call: callName, reason },
    effect: effectOf(call),
    cause: thrown,
  })
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
  const words = wordsOf(firstOf(thrown)).split('\n')[0] ?? ''
  return words === '' ? codeOf(thrown) || 'the connection broke' : words
}
