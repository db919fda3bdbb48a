// One request of a session: address, headers, token, answer. Sent a second time only when the cloud refused its token.
import { Fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationLog } from '../../contract/context.ts'
import { jsonIn, type RawAnswer } from '../../http/answer.ts'
import { queryText } from '../../http/query.ts'
import type { Call } from './network-faults.ts'
import type { ProjectRequest } from './project.ts'
import { badAnswer, refusalFault } from './refusals.ts'
import type { Session, Token } from './session.ts'

const usualDeadline = 60_000

export interface SignedRequest extends ProjectRequest {
  readonly projectId: string
  readonly signal: AbortSignal
}

/** @throws Fault `gcp.*` */
export async function requested<Body = Json>(
  session: Session,
  request: SignedRequest,
  log: OperationLog,
): Promise<Body> {
  const { signal } = request
  const token = await session.token(signal)
  const call = callOf(session, request)
  const began = session.world.clock.monotonic()
  const told = (outcome: string): void => {
    const length = Math.round(session.world.clock.monotonic() - began)
    log.debug(`${call.name}: ${outcome}, ${call.requestId}, in ${length} ms`)
  }
  try {
    let raw = await sent(session, request, { call, token })
    // Nothing stands before the token's guard: what it refuses was not begun.
    if (raw.status === 401) raw = await sent(session, request, { call, token: await session.newerThan(token, signal) })
    const body = understood<Body>(session, { call, request, raw })
    // Reads are too many to tell of.
    if (!call.isRead) told(String(raw.status))
    return body
  } catch (thrown) {
    if (thrown instanceof Fault) told(thrown.code)
    throw thrown
  }
}

function callOf(session: Session, request: SignedRequest): Call {
  const { method, path, isRead = method === 'GET' } = request
  const requestId = request.requestId ?? session.world.newId()
  return { name: `${method} ${path}`, isRead, origin: new URL(rootOf(session, request)).origin, requestId }
}

function rootOf({ settings }: Session, { service = 'compute', version = 'v1', projectId }: SignedRequest): string {
  const id = encodeURIComponent(projectId)
  return service === 'compute'
    ? `${settings.endpoint}/compute/${version}/projects/${id}`
    : `${settings.monitoringEndpoint}/v3/projects/${id}`
}

async function sent(
  session: Session,
  request: SignedRequest,
  { call, token }: { readonly call: Call; readonly token: Token },
): Promise<RawAnswer> {
  const { method, path, query, body } = request
  const whole = call.isRead ? query : { ...query, requestId: call.requestId }
  return session.wire.send({
    call,
    method,
    url: `${rootOf(session, request)}${path}${queryText(whole)}`,
    headers: {
      accept: 'application/json',
      'user-agent': 'fermata',
      authorization: `Bearer ${token.value}`,
      'x-goog-api-client': 'fermata',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: request.signal,
    deadline: request.deadline ?? usualDeadline,
    isUrgent: request.isUrgent ?? false,
  })
}

function understood<Body>(
  session: Session,
  { call, request, raw }: { readonly call: Call; readonly request: ProjectRequest; readonly raw: RawAnswer },
): Body {
  const { status, headers, text } = raw
  if (status < 200 || status >= 300) {
    // Clouds quote what they refuse.
    const shown = session.redacted(text, secretsIn(request.body ?? null))
    throw refusalFault(call, { status, headers, text: shown }, session.world.clock.now())
  }
  const body = jsonIn(text)
  if (body === null) throw badAnswer(call, `status ${status}, and no JSON`, call.isRead ? 'none' : 'unknown')
  return body as Body
}

/** What a request tells in confidence: start-up scripts and keys among the metadata, disk keys. */
function secretsIn(body: Json): readonly string[] {
  if (Array.isArray(body)) return (body as readonly Json[]).flatMap(secretsIn)
  if (!isJsonObject(body)) return []
  const own = /startup-script|ssh-keys|user-data|pass|secret|token/i
  const item = typeof body['key'] === 'string' && own.test(body['key']) ? body['value'] : undefined
  return [
    ...(typeof item === 'string' ? [item] : []),
    ...Object.entries(body).flatMap(([name, value]) => {
      if (typeof value !== 'string') return secretsIn(value)
      return /pass|secret|token|privateKey|rawKey|rsaEncryptedKey/i.test(name) ? [value] : []
    }),
  ]
}
