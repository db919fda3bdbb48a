// One request of a session: headers, token, answer. Sent a second time only when the cloud refused its token at the door.
import { Fault, fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationLog } from '../../contract/context.ts'
import { jsonIn, type RawAnswer } from '../../http/answer.ts'
import { queryText } from '../../http/query.ts'
import { addressOf } from './catalog.ts'
import type { Answer, CloudRequest, ServiceName } from './cloud.ts'
import type { Call } from './network-faults.ts'
import { badAnswer, isRefusedAtTheDoor, refusalFault } from './refusals.ts'
import type { Session, Token } from './session.ts'

const usualDeadline = 60_000

export interface SignedRequest extends CloudRequest {
  readonly signal: AbortSignal
  /** Instead of the service's address and the path. */
  readonly url?: string
}

/** @throws Fault `openstack.*` */
export async function requested<Body = Json>(
  session: Session,
  request: SignedRequest,
  log: OperationLog,
): Promise<Answer<Body>> {
  const { signal } = request
  const token = await session.token(signal)
  const call = callOf(session, request, token)
  const began = session.world.clock.monotonic()
  const told = (outcome: string): void => {
    const length = Math.round(session.world.clock.monotonic() - began)
    log.debug(`${call.name}: ${outcome} in ${length} ms`)
  }
  try {
    let raw = await sent(session, request, { call, token })
    if (raw.status === 401 && wasNotBegun(call, request, raw)) {
      const newer = await session.newerThan(token, signal)
      if (hasRunOut(request)) throw tokenHadEnded(call)
      raw = await sent(session, request, { call, token: newer })
    }
    const answer = understood<Body>(session, { call, request, raw })
    // Reads are too many to tell of.
    if (!call.isRead) told(`${answer.status}, ${answer.requestId ?? call.requestId},`)
    return answer
  } catch (thrown) {
    if (thrown instanceof Fault) told(`${thrown.code}, ${String(thrown.details['requestId'] ?? call.requestId)},`)
    throw thrown
  }
}

function callOf(session: Session, { service, method, path, body }: CloudRequest, token: Token): Call {
  const action = path.endsWith('/action') && isJsonObject(body ?? null) ? Object.keys(body as object)[0] : undefined
  return {
    name: `${method} ${service} ${path}${action === undefined ? '' : ` ${action}`}`,
    isRead: method === 'GET',
    origin: new URL(addressOf(service, token.grant, session.settings).base).origin,
    requestId: `req-${session.world.newId()}`,
  }
}

async function sent(
  session: Session,
  request: SignedRequest,
  { call, token }: { readonly call: Call; readonly token: Token },
): Promise<RawAnswer> {
  const { service, method, path, query, body, content, contentType, microversion } = request
  const { base } = addressOf(service, token.grant, session.settings)
  return session.wire.send({
    call,
    method,
    url: request.url ?? `${base}${path}${queryText(query)}`,
    headers: {
      accept: 'application/json',
      'user-agent': 'fermata',
      'x-auth-token': token.value,
      'x-openstack-request-id': call.requestId,
      ...(body === undefined && content === undefined
        ? {}
        : { 'content-type': contentType ?? (content === undefined ? 'application/json' : 'application/octet-stream') }),
      ...(microversion === undefined ? {} : versionHeaders(service, microversion)),
    },
    body: content ?? (body === undefined ? undefined : JSON.stringify(body)),
    signal: request.signal,
    deadline: request.deadline ?? usualDeadline,
    isUrgent: request.isUrgent ?? false,
  })
}

function versionHeaders(service: ServiceName, version: string): Record<string, string> {
  return {
    'openstack-api-version': `${service} ${version}`,
    // Nova before 2.27 knows only this one.
    ...(service === 'compute' ? { 'x-openstack-nova-api-version': version } : {}),
  }
}

// What a service itself says 401 to may be done in half.
function wasNotBegun(call: Call, { service }: CloudRequest, { headers }: RawAnswer): boolean {
  return call.isRead || service === 'identity' || isRefusedAtTheDoor(headers)
}

/** A stream cannot be sent a second time; whoever has it may begin it anew. */
function hasRunOut({ content }: CloudRequest): boolean {
  return content !== undefined && !(content instanceof Uint8Array)
}

function tokenHadEnded({ name, requestId }: Call): Fault {
  return fault('openstack.busy', {
    details: { call: name, message: 'its token had ended', requestId },
    effect: 'none',
    retry: 'now',
  })
}

function understood<Body>(
  session: Session,
  { call, request, raw }: { readonly call: Call; readonly request: CloudRequest; readonly raw: RawAnswer },
): Answer<Body> {
  const { status, headers, text } = raw
  const requestId = headers['x-openstack-request-id'] ?? headers['x-compute-request-id'] ?? null
  // Several versions are an answer to who asks for versions.
  const isFine = (status >= 200 && status < 300) || (status === 300 && call.isRead)
  if (!isFine) {
    // Clouds quote what they refuse.
    const shown = session.redacted(text, secretsIn(request.body ?? null))
    throw refusalFault(call, { status, headers, text: shown, requestId }, session.world.clock.now())
  }
  const body = text.trim() === '' ? null : jsonIn(text)
  if (body === null && text.trim() !== '') {
    throw badAnswer(call, `status ${status}, and no JSON`, requestId, call.isRead ? 'none' : 'unknown')
  }
  return { status, headers, body: body as Body, requestId }
}

/** What a request tells a cloud in confidence. */
function secretsIn(body: Json): readonly string[] {
  if (Array.isArray(body)) return (body as readonly Json[]).flatMap(secretsIn)
  if (!isJsonObject(body)) return []
  return Object.entries(body).flatMap(([name, value]) => {
    if (typeof value !== 'string') return secretsIn(value)
    return /pass|secret|token|private|user_data|contents/i.test(name) ? [value] : []
  })
}

export function noMicroversion(
  service: ServiceName,
  needed: string,
  known: { readonly min: string; readonly max: string } | null,
): Fault {
  return fault('openstack.no_microversion', {
    details: { service, needed, least: known?.min ?? 'none', most: known?.max ?? 'none' },
  })
}
