// The HTTP side of the fake: reads a call, looks at its token and microversion, does what was planted for it, answers.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isJsonObject, type Json, type JsonObject } from '../../../../src/kernel/json.ts'
import type { State } from '../model/state.ts'
import { badRequest, Refusal, refusalBody, type Answer, type Service } from './answer.ts'
import type { Call } from './call.ts'
import { CallLog } from './call-log.ts'
import type { Routes } from './routes.ts'
import { headersOf, Troubles, type Trouble } from './troubles.ts'

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

export class Front {
  readonly log = new CallLog()
  readonly troubles = new Troubles()
  readonly #state: State
  readonly #routes: Routes
  readonly #server: Server
  readonly #waits = new Set<NodeJS.Timeout>()

  constructor(state: State, routes: Routes) {
    this.#state = state
    this.#routes = routes
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((thrown: unknown) => {
        response.destroy()
        throw thrown
      })
    })
  }

  async open(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const timer of this.#waits) clearTimeout(timer)
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await bytesOf(request)
    if (bytes === undefined) return
    const url = new URL(request.url ?? '/', this.origin)
    const service = (Object.keys(roots) as Service[]).find((name) => url.pathname.startsWith(`/${name}`))
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const requestId = `req-${this.#state.id()}`
    if (service === undefined) return this.#write(response, { status: 404 }, {})
    const path = this.#pathOf(service, url.pathname)
    const isJson = bytes.length > 0 && (headers['content-type'] ?? '').includes('json')
    const body = isJson ? parsed(bytes) : undefined
    const logged = this.log.opened({
      service,
      method: request.method ?? '',
      path,
      name: this.#nameOf(service, request.method ?? '', path, body),
      query: url.search,
      body,
      microversion: headers['openstack-api-version'],
      requestId,
    })
    const troubles = this.troubles.of(logged)
    const always = { 'x-openstack-request-id': requestId }
    const call = { service, method: request.method ?? '', path, query: url.searchParams, headers, bytes, requestId }
    try {
      await this.#before(troubles)
      if (troubles.some(({ drop }) => drop === 'before')) throw new Dropped()
      const answer = await this.#answer(call, body, troubles)
      if (troubles.some(({ drop, isHanging }) => drop === 'after' || isHanging)) throw new Dropped()
      this.log.closed(logged, answer.status)
      this.#write(response, answer, always)
    } catch (thrown) {
      if (!(thrown instanceof Dropped)) throw thrown
      this.log.closed(logged, undefined)
      if (!troubles.some(({ isHanging }) => isHanging)) response.destroy()
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

  async #before(troubles: readonly Trouble[]): Promise<void> {
    for (const { delay, meanwhile } of troubles) {
      await meanwhile?.()
      if (delay !== undefined) await this.#wait(delay)
    }
  }

  #wait(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waits.delete(timer)
        resolve()
      }, delay)
      this.#waits.add(timer)
    })
  }

  async #answer(
    call: Omit<Call, 'params' | 'body' | 'minor' | 'who' | 'origin'>,
    body: Json | undefined,
    troubles: readonly Trouble[],
  ): Promise<Answer> {
    const { service } = call
    const planted = troubles.find(({ status }) => status !== undefined)
    try {
      if (planted && planted.afterEffect !== true) throw plantedRefusal(service, planted)
      const { route, params } = this.#routes.find(service, call.method, call.path)
      const who = this.#state.tokens.find(call.headers['x-auth-token'])
      if (!route.isOpen && who === undefined) throw unauthorized(this.origin)
      const minor = this.#minorOf(service, call.headers)
      if (body === null) throw badRequest('Malformed request body')
      const whole = isJsonObject(body) ? body : ({} as JsonObject)
      const answer = await route.handler({
        ...call,
        params,
        body: whole,
        minor,
        who: who ?? nobody,
        origin: this.origin,
      })
      if (planted) throw plantedRefusal(service, planted)
      return { ...answer, headers: { ...versionHeader(service, minor), ...answer.headers } }
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
      return { status: thrown.status, body: refusalBody(service, thrown), headers: thrown.headers }
    }
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

  #write(response: ServerResponse, answer: Answer, always: Readonly<Record<string, string>>): void {
    const body = answer.bytes ?? (answer.body === undefined ? undefined : Buffer.from(JSON.stringify(answer.body)))
    response.writeHead(answer.status, {
      ...always,
      ...(answer.bytes
        ? { 'content-type': 'application/octet-stream' }
        : body
          ? { 'content-type': 'application/json' }
          : {}),
      ...answer.headers,
    })
    response.end(body)
  }
}

class Dropped extends Error {}

function unauthorized(origin: string): Refusal {
  return new Refusal(401, 'The request you have made requires authentication.', {
    'www-authenticate': `Keystone uri="${origin}/identity"`,
  })
}

function plantedRefusal(service: Service, trouble: Trouble): Refusal {
  const { status = 500, message = 'the fake was told to refuse it' } = trouble
  const door = status === 401 ? { 'www-authenticate': `Keystone uri="http://127.0.0.1/${service}"` } : {}
  return new Refusal(status, message, { ...door, ...headersOf(trouble) })
}

function versionHeader(service: Service, minor: number): Readonly<Record<string, string>> {
  if (service === 'compute') return { 'openstack-api-version': `compute 2.${minor}`, vary: 'OpenStack-API-Version' }
  if (service === 'volume') return { 'openstack-api-version': `volume 3.${minor}`, vary: 'OpenStack-API-Version' }
  return {}
}

function parsed(bytes: Buffer): Json | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as Json
  } catch {
    return null
  }
}

/** undefined: the caller went away in the middle. */
async function bytesOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}
