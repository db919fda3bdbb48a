// The HTTP side of the fake cloud: finds out which service and route a call means, looks at its token and microversion, and words
// what comes of it.
import { isJsonObject, type Json } from '../../../../src/kernel/json.ts'
import type { AskedCall, CallOutcome } from '../../../../src/testing/fake-http/call-log.ts'
import {
  Front as FakeFront,
  parsed,
  type Reading,
  type Received,
  type Reply,
} from '../../../../src/testing/fake-http/front.ts'
import { plantedHeaders, plantedMessage, type Trouble } from '../../../../src/testing/fake-http/troubles.ts'
import type { State } from '../model/state.ts'
import { badRequest, Refusal, refusalBody, type Answer, type Service } from './answer.ts'
import type { Call } from './call.ts'
import type { Routes } from './routes.ts'

interface Asked extends AskedCall<Service> {
  /** As it was sent; undefined when it was not. */
  readonly microversion: string | undefined
}

export interface LoggedCall extends Asked, CallOutcome {}

/** Where a service begins on the one port of the fake. */
export const roots: Readonly<Record<Service, string>> = {
  identity: '/identity/v3',
  compute: '/compute/v2.1',
  volume: '/volume/v3',
  image: '/image/v2',
  network: '/network/v2.0',
  dns: '/dns/v2',
  share: '/share/v2',
}

const nobody = {
  user: { id: '', name: '', password: '', isAdmin: false },
  project: null,
  method: '',
  isAdmin: false,
} as const

export class Front extends FakeFront<Asked> {
  readonly #state: State
  readonly #routes: Routes

  constructor(state: State, routes: Routes) {
    super(({ service, method, path }) => `${service} ${method} ${path}`)
    this.#state = state
    this.#routes = routes
  }

  protected override read(received: Received): Reading<Asked> | Reply {
    const { method, url, bytes } = received
    const service = (Object.keys(roots) as Service[]).find((name) => url.pathname.startsWith(`/${name}`))
    const headers = Object.fromEntries(Object.entries(received.headers).map(([name, value]) => [name, String(value)]))
    const requestId = `req-${this.#state.id()}`
    if (service === undefined) return replyOf({ status: 404 }, {})
    const path = this.#pathOf(service, url.pathname)
    const isJson = bytes.length > 0 && (headers['content-type'] ?? '').includes('json')
    const body = isJson ? parsed(bytes) : undefined
    const always = { 'x-openstack-request-id': requestId }
    const call = { service, method, path, query: url.searchParams, headers, bytes, requestId }
    return {
      call: {
        service,
        method,
        path,
        name: this.#nameOf(service, method, path, body),
        query: url.search,
        body,
        microversion: headers['openstack-api-version'],
        requestId,
      },
      planted: (trouble) => plantedRefusal(service, trouble),
      act: async () => replyOf(await this.#answer(call, body), always),
      refused(thrown) {
        if (!(thrown instanceof Refusal)) throw thrown
        const { status, headers: own } = thrown
        return replyOf({ status, body: refusalBody(service, thrown), headers: own }, always)
      },
    }
  }

  // Cinder's paths begin with the project, which says nothing that the token does not say.
  #pathOf(service: Service, pathname: string): string {
    const root = roots[service]
    if (!pathname.startsWith(root)) return pathname.split('/').length > 3 ? '/nowhere' : '/versions'
    const path = pathname.slice(root.length)
    return service === 'volume' ? path.replace(/^\/[0-9a-f]{32}(?=\/|$)/, '') : path
  }

  #nameOf(service: Service, method: string, path: string, body: Json | undefined): string {
    let route = path
    try {
      route = `/${this.#routes.find(service, method, path).route.segments.join('/')}`
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
    }
    const action = path.endsWith('/action') && isJsonObject(body) ? ` ${Object.keys(body)[0] ?? ''}` : ''
    return `${service} ${method} ${route}${action}`
  }

  async #answer(
    call: Omit<Call, 'params' | 'body' | 'minor' | 'who' | 'origin'>,
    body: Json | undefined,
  ): Promise<Answer> {
    const { service } = call
    const { route, params } = this.#routes.find(service, call.method, call.path)
    const who = this.#state.tokens.find(call.headers['x-auth-token'])
    if (!route.isOpen && who === undefined) throw unauthorized(this.origin)
    const minor = this.#minorOf(service, call.headers)
    if (body === null) throw badRequest('Malformed request body')
    const answer = await route.handler({
      ...call,
      params,
      body: isJsonObject(body) ? body : {},
      minor,
      who: who ?? nobody,
      origin: this.origin,
    })
    return { ...answer, headers: { ...versionHeader(service, minor), ...answer.headers } }
  }

  #minorOf(service: Service, headers: Readonly<Record<string, string>>): number {
    if (service !== 'compute' && service !== 'volume') return 0
    const [least, major] = service === 'compute' ? [1, 2] : [0, 3]
    const given = headers['openstack-api-version']
    if (given === undefined) return least
    const match = new RegExp(`^${service} (?:(\\d+)\\.(\\d+)|latest)$`).exec(given.trim())
    if (!match) return least
    const newest = this.#state.newest[service]
    if (match[1] === undefined) return newest
    const minor = Number(match[2])
    if (Number(match[1]) === major && minor >= least && minor <= newest) return minor
    throw new Refusal(
      406,
      `Version ${match[1]}.${minor} is not supported by the API. Minimum is ${major}.${least} and maximum is ${major}.${newest}.`,
    )
  }
}

function unauthorized(origin: string): Refusal {
  return new Refusal(401, 'The request you have made requires authentication.', {
    'www-authenticate': `Keystone uri="${origin}/identity"`,
  })
}

function plantedRefusal(service: Service, trouble: Trouble): Refusal {
  const { status = 500, message = plantedMessage } = trouble
  const door = status === 401 ? { 'www-authenticate': `Keystone uri="http://127.0.0.1/${service}"` } : {}
  return new Refusal(status, message, { ...door, ...plantedHeaders(trouble) })
}

function versionHeader(service: Service, minor: number): Readonly<Record<string, string>> {
  if (service === 'compute') return { 'openstack-api-version': `compute 2.${minor}`, vary: 'OpenStack-API-Version' }
  if (service === 'volume') return { 'openstack-api-version': `volume 3.${minor}`, vary: 'OpenStack-API-Version' }
  return {}
}

function replyOf({ status, body, bytes, headers }: Answer, always: Readonly<Record<string, string>>): Reply {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const type = bytes ? 'application/octet-stream' : text === undefined ? undefined : 'application/json'
  return {
    status,
    headers: { ...always, ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    body: bytes ?? text,
  }
}
