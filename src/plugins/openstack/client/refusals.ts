// What a cloud answers when it does not do what was asked, as faults: whose doing it is, whether something may have happened,
// whether it may be asked again and when.
import { fault, type Effect, type Fault, type FaultCode, type Retry } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { retryAfter } from '../../http/answer.ts'
import { effectOf } from '../../http/network-faults.ts'
import type { Call } from './network-faults.ts'

export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly requestId: string | null
}

interface Meaning {
  readonly code: FaultCode
  readonly effect: Effect
  readonly retry?: Retry
}

/** `now`: for times of day in Retry-After. */
export function refusalFault(call: Call, refusal: Refusal, now: number): Fault {
  const { status, headers, requestId } = refusal
  const message = messageOf(refusal)
  if (isFromElsewhere(call, refusal)) {
    return badAnswer(
      call,
      `status ${status}, and not in the words of a cloud; is the address right?`,
      requestId,
      'none',
    )
  }
  const { code, effect, retry } = meaningOf(call, refusal, message)
  return fault(code, {
    details: { call: call.name, message, status, requestId: requestId ?? call.requestId },
    effect,
    ...(retry === undefined ? {} : { retry }),
    after: retryAfter(headers['retry-after'], now),
  })
}

export function badAnswer(call: Call, reason: string, requestId: string | null, effect: Effect): Fault {
  return fault('openstack.bad_answer', {
    details: { call: call.name, reason, requestId: requestId ?? call.requestId },
    effect,
  })
}

// A web server that stands where the service should says 404 to everything: nothing is gone for that. And whoever sends us
// elsewhere has done nothing.
function isFromElsewhere(call: Call, { status, text }: Refusal): boolean {
  if (status >= 300 && status < 400) return true
  if (status !== 404 && status !== 410) return false
  const thing = call.name.split('/').at(-1)?.split(' ')[0] ?? ''
  return !text.trimStart().startsWith('{') && !(thing !== '' && text.includes(thing))
}

function meaningOf(call: Call, { status, headers, text }: Refusal, message: string): Meaning {
  if (isAboutQuota(status, message, text)) return { code: 'openstack.quota', effect: 'none' }
  switch (status) {
    case 401:
      // Keystone's own guard stands before a service; a 401 of the service itself may come out of the middle of its work.
      return { code: 'openstack.denied', effect: isRefusedAtTheDoor(headers) ? 'none' : effectOf(call) }
    case 403:
      return { code: 'openstack.denied', effect: 'none' }
    case 404:
    case 410:
      return { code: 'openstack.not_found', effect: 'none' }
    case 501:
    case 505:
      return { code: 'openstack.failed', effect: 'none', retry: 'never' }
    case 409:
    case 423:
      return isPassing(message)
        ? { code: 'openstack.busy', effect: 'none' }
        : { code: 'openstack.conflict', effect: 'none' }
    case 413:
    case 429:
      return { code: 'openstack.throttled', effect: 'none' }
    default:
      return status >= 500 ? { code: 'openstack.failed', effect: effectOf(call) } : badRequest(message)
  }
}

// Cinder says 400 where others say 409: "Invalid volume: Volume status must be available, but current status is: backing-up".
function badRequest(message: string): Meaning {
  if (!/status (must|is)|current status|invalid (volume|snapshot|backup)/i.test(message)) {
    return { code: 'openstack.bad_request', effect: 'none' }
  }
  return { code: isPassing(message) ? 'openstack.busy' : 'openstack.conflict', effect: 'none' }
}

/** States that end by themselves. */
function isPassing(message: string): boolean {
  // The words of the state alone: what is asked for may be an action of the same name.
  if (/task_state (?!none\b|null\b)\S+/i.test(message)) return true
  // Glance, whose store has not yet let go of it.
  if (/\bimage\b.*\bin use\b/i.test(message)) return true
  const state = /(?:current(?:ly)? status is|status is|is currently)\W*([a-z_-]+)/i.exec(message)?.[1] ?? ''
  return /^(creating|attaching|detaching|reserved|backing-up|restoring|restoring-backup|reverting|deleting|downloading|uploading|retyping|extending|maintenance|pending_.*)$/i.test(
    state,
  )
}

function isAboutQuota(status: number, message: string, text: string): boolean {
  if (![400, 403, 409, 413].includes(status)) return false
  return /quota|LimitExceeded|maximum number of .* exceeded/i.test(message) || /"type": *"OverQuota"/.test(text)
}

/** Refused by the guard before a service, which has done nothing then. */
export function isRefusedAtTheDoor(headers: Readonly<Record<string, string>>): boolean {
  return /keystone/i.test(headers['www-authenticate'] ?? '')
}

/** Each service has its own way of wrapping what it says. */
function messageOf({ status, text }: Pick<Refusal, 'status' | 'text'>): string {
  const found = messageIn(text) ?? text.replace(/<(style|script|head)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ')
  const words = found.replace(/\s+/g, ' ').trim()
  if (words === '') return `it answers with status ${status}`
  return words.length > 500 ? `${words.slice(0, 500)}...` : words
}

function messageIn(text: string): string | undefined {
  let body: Json
  try {
    body = JSON.parse(text) as Json
  } catch {
    return undefined
  }
  if (!isJsonObject(body)) return undefined
  for (const level of [body, ...Object.values(body)]) {
    const [first] = Array.isArray(level) ? (level as readonly Json[]) : [level]
    if (first === undefined || !isJsonObject(first)) continue
    const words = first['message'] ?? first['detail'] ?? first['title']
    if (typeof words === 'string' && words !== '') return words
  }
  return undefined
}
