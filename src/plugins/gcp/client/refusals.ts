// What Compute Engine answers when it does not do what was asked, and what it says of operations that went wrong, as faults:
// whose doing it is, whether something may have happened, whether and when it may be asked again.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import { fault, type Effect, type Fault, type FaultCode, type Retry } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { retryAfter } from '../../http/answer.ts'
import { effectOf } from '../../http/network-faults.ts'
import type { Call } from './network-faults.ts'

export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

interface Meaning {
  readonly code: FaultCode
  readonly effect: Effect
  readonly retry?: Retry
  readonly after?: Duration
}

/** `now`: for times of day in Retry-After. */
export function refusalFault(call: Call, { status, headers, text }: Refusal, now: number): Fault {
  if (status >= 300 && status < 400) return badAnswer(call, `status ${status}: it sends us elsewhere`, 'none')
  const said = errorIn(text)
  if (said === undefined && status < 500 && status !== 429) {
    // A web server that stands where the API should says 404 to everything: nothing is gone for that.
    return badAnswer(call, `status ${status}, and not in the words of Google Cloud; is the address right?`, 'none')
  }
  const { message = `it answers with status ${status}`, reason = '' } = said ?? {}
  const { after, ...meaning } = meaningOf(call, status, { reason, message })
  return made(call, { ...meaning, after: retryAfter(headers['retry-after'], now) ?? after }, message, {
    status,
    reason,
  })
}

/** Of an operation that was accepted and came to nothing. */
export interface OperationError {
  readonly code?: string
  readonly message?: string
}

/** `httpStatus`: what the API says it would have answered, had it known. */
export function operationFault(call: Call, errors: readonly OperationError[], httpStatus: number): Fault {
  const [first] = errors
  const reason = first?.code ?? ''
  const message = errors.map((one) => one.message ?? one.code ?? '').join('; ') || 'it gives no reason'
  const meaning = meaningOfReason(reason, message) ?? {
    code: 'gcp.operation_failed' as const,
    // Whoever refused it for what was asked has done nothing; whoever broke may have done a part of it.
    effect: httpStatus >= 400 && httpStatus < 500 ? ('none' as const) : ('unknown' as const),
  }
  return made(call, meaning, message, { status: httpStatus, reason })
}

function made(
  call: Call,
  { code, effect, retry, after }: Omit<Meaning, 'after'> & { readonly after?: Duration | undefined },
  message: string,
  { status, reason }: { readonly status: number; readonly reason: string },
): Fault {
  const details = { call: call.name, message, status, reason, requestId: call.requestId }
  return fault(code, { details, effect, ...(retry === undefined ? {} : { retry }), after })
}

export function badAnswer(call: Call, reason: string, effect: Effect): Fault {
  return fault('gcp.bad_answer', { details: { call: call.name, reason, requestId: call.requestId }, effect })
}

interface Said {
  readonly reason: string
  readonly message: string
}

function meaningOf(call: Call, status: number, { reason, message }: Said): Meaning {
  const known = meaningOfReason(reason, message)
  if (known !== undefined) return known
  switch (status) {
    case 401:
    case 403:
      return { code: 'gcp.denied', effect: 'none' }
    case 404:
    case 410:
      return { code: 'gcp.not_found', effect: 'none' }
    case 409:
      return { code: 'gcp.exists', effect: 'none' }
    case 412:
      // Somebody else has changed it since it was read.
      return { code: 'gcp.busy', effect: 'none', retry: 'now' }
    case 429:
      return { code: 'gcp.throttled', effect: 'none' }
    default:
      return status >= 500
        ? { code: 'gcp.failed', effect: effectOf(call) }
        : { code: 'gcp.bad_request', effect: 'none' }
  }
}

// The same things are called `quotaExceeded` in an answer and `QUOTA_EXCEEDED` in an operation.
function meaningOfReason(reason: string, message: string): Meaning | undefined {
  switch (reason.replaceAll(/[^A-Za-z]/g, '').toLowerCase()) {
    case 'quotaexceeded':
    case 'limitexceeded':
      return { code: 'gcp.quota', effect: 'none' }
    case 'ratelimitexceeded':
    case 'userratelimitexceeded':
    case 'concurrentoperationsquotaexceeded':
      return { code: 'gcp.throttled', effect: 'none' }
    case 'resourceoperationrateexceeded':
      // Of one disk: six copies in an hour, and none of them soon after another.
      return { code: 'gcp.throttled', effect: 'none', after: seconds(600) }
    case 'zoneresourcepoolexhausted':
    case 'zoneresourcepoolexhaustedwithdetails':
      return { code: 'gcp.exhausted', effect: 'none', after: seconds(60) }
    case 'resourcenotready':
    case 'operationinprogress':
      return { code: 'gcp.busy', effect: 'none' }
    case 'resourceinuse':
    case 'resourceinusebyanotherresource':
      return { code: 'gcp.in_use', effect: 'none' }
    case 'alreadyexists':
    case 'resourcealreadyexists':
      return { code: 'gcp.exists', effect: 'none' }
    case 'notfound':
    case 'resourcenotfound':
      return { code: 'gcp.not_found', effect: 'none' }
    case 'conditionnotmet':
      return { code: 'gcp.busy', effect: 'none', retry: 'now' }
    default:
      return /is not ready/i.test(message) ? { code: 'gcp.busy', effect: 'none' } : undefined
  }
}

function errorIn(text: string): Said | undefined {
  let body: Json
  try {
    body = JSON.parse(text) as Json
  } catch {
    return undefined
  }
  const error = isJsonObject(body) ? body['error'] : undefined
  // The token's server says it in its own way.
  if (typeof error === 'string' && isJsonObject(body)) {
    const words = body['error_description']
    return { reason: error, message: shortened(typeof words === 'string' ? words : error) }
  }
  if (error === undefined || !isJsonObject(error)) return undefined
  const { errors, message, status } = error
  const [first] = Array.isArray(errors) ? (errors as readonly Json[]) : []
  const reason = first !== undefined && isJsonObject(first) ? first['reason'] : status
  return {
    reason: typeof reason === 'string' ? reason : '',
    message: shortened(typeof message === 'string' ? message : 'it gives no reason'),
  }
}

function shortened(words: string): string {
  const text = words.replace(/\s+/g, ' ').trim()
  return text.length > 500 ? `${text.slice(0, 500)}...` : text
}
