// What a service of the fake answers, and how each of them words a refusal.
import type { Json, JsonObject } from '../../../../src/kernel/json.ts'

export interface Answer {
  readonly status: number
  readonly body?: Json | undefined
  readonly bytes?: Uint8Array | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export type Service = 'identity' | 'compute' | 'volume' | 'image' | 'network' | 'dns' | 'share'

export const ok = (body: Json): Answer => ({ status: 200, body })
export const accepted = (body?: Json): Answer => ({ status: 202, body })
export const noContent: Answer = { status: 204 }

/** Thrown by what cannot do what it is asked; each service has its own words around the message. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

export const badRequest = (message: string): Refusal => new Refusal(400, message)
export const forbidden = (message: string): Refusal => new Refusal(403, message)
export const notFound = (message: string): Refusal => new Refusal(404, message)
export const conflict = (message: string): Refusal => new Refusal(409, message)

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  406: 'Not Acceptable',
  409: 'Conflict',
  413: 'Request Entity Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

const novaNames: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  406: 'computeFault',
  409: 'conflictingRequest',
  413: 'overLimit',
  429: 'overLimit',
  503: 'serviceUnavailable',
}

/** What the proxy before all services answers is no JSON at all. */
export function refusalBody(service: Service, { status, message }: Refusal): JsonObject {
  const title = titles[status] ?? 'Error'
  if (status === 401) return { error: { code: 401, title, message } }
  switch (service) {
    case 'identity':
      return { error: { code: status, title, message } }
    case 'image':
      return { message, code: `${status} ${title}`, title }
    case 'network':
      return { NeutronError: { type: neutronType(status, message), message, detail: '' } }
    case 'dns':
      return { code: status, type: title.toLowerCase().replaceAll(' ', '_'), message }
    case 'compute':
    case 'volume':
    case 'share':
      return { [novaNames[status] ?? 'computeFault']: { code: status, message } }
  }
}

function neutronType(status: number, message: string): string {
  if (message.includes('uota exceeded')) return 'OverQuota'
  return status === 404 ? 'NotFound' : status === 409 ? 'InUse' : 'BadRequest'
}
