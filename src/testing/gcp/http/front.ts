// The HTTP side of the fake: reads a call, looks at its token, does what was planted for it, answers.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { CallLog } from './call-log.ts'
import { Troubles, type Trouble } from './troubles.ts'
import type { Tokens } from '../services/tokens.ts'
import { Refusal, refusalBody, type Answer, type Handler } from './answer.ts'

interface Route {
  readonly method: string
  readonly name: string
  readonly pattern: RegExp
  readonly handler: Handler
}

class Dropped extends Error {}

export class Front {
  readonly log = new CallLog()
  readonly troubles = new Troubles()
  readonly #routes: Route[] = []
  readonly #server: Server
  readonly #tokens: Tokens
  readonly #projectId: string
  readonly #waits = new Set<NodeJS.Timeout>()
  #requests = 0

  constructor(projectId: string, tokens: Tokens) {
    this.#projectId = projectId
    this.#tokens = tokens
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((thrown: unknown) => {
        response.destroy()
        throw thrown
      })
    })
  }

  /** `route`: `GET /zones/:zone/disks/:name`. What is written out must be added before what stands for anything. */
  add(route: string, handler: Handler): void {
    const [method = '', path = ''] = route.split(' ')
    const pattern = new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`)
    this.#routes.push({ method, name: route, pattern, handler })
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
    const method = request.method ?? ''
    const isToken = url.pathname === '/token' || url.pathname.startsWith('/computeMetadata/')
    const [, version, project, path = ''] =
      /^(?:\/compute\/(v1|beta)|\/v3)\/projects\/([^/]+)(\/.*)$/.exec(url.pathname) ?? []
    const route = this.#routes.find((one) => one.method === method && one.pattern.test(path))
    const body = parsed(bytes)
    this.#requests += 1
    const logged = this.log.opened({
      service: isToken ? 'identity' : 'compute',
      method,
      path: isToken ? url.pathname : path,
      name: isToken ? `${method} ${url.pathname}` : (route?.name ?? `${method} ${path}`),
      query: url.search,
      body: isJsonObject(body ?? null) ? body : undefined,
      version,
      requestId: url.searchParams.get('requestId') ?? `call-${this.#requests}`,
    })
    const troubles = this.troubles.of(logged)
    try {
      await this.#before(troubles)
      if (troubles.some(({ drop }) => drop === 'before')) throw new Dropped()
      const answer = await this.#answer(troubles, () => {
        if (isToken) return this.#tokens.answer(url.pathname, bytes.toString('utf8'), request.headers)
        this.#tokens.check(request.headers.authorization)
        if (project !== this.#projectId) throw new Refusal(403, 'forbidden', `Permission denied on project ${project}`)
        if (route === undefined) throw new Refusal(404, 'notFound', `there is no ${method} ${path}`)
        const params = Object.fromEntries(
          Object.entries(route.pattern.exec(path)?.groups ?? {}).map(([name, value]) => [
            name,
            decodeURIComponent(value),
          ]),
        )
        const whole = isJsonObject(body ?? null) ? (body as Record<string, Json>) : {}
        return route.handler({
          method,
          path,
          params,
          query: url.searchParams,
          body: whole,
          version: version === 'beta' ? 'beta' : 'v1',
        })
      })
      if (troubles.some(({ drop, isHanging }) => drop === 'after' || isHanging)) throw new Dropped()
      this.log.closed(logged, answer.status)
      write(response, answer)
    } catch (thrown) {
      if (!(thrown instanceof Dropped)) throw thrown
      this.log.closed(logged, undefined)
      if (!troubles.some(({ isHanging }) => isHanging)) response.destroy()
    }
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

  async #answer(troubles: readonly Trouble[], act: () => Answer | Promise<Answer>): Promise<Answer> {
    const planted = troubles.find(({ status }) => status !== undefined)
    try {
      if (planted && planted.afterEffect !== true) throw plantedRefusal(planted)
      const answer = await act()
      if (planted) throw plantedRefusal(planted)
      return answer
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
      return { status: thrown.status, body: refusalBody(thrown), headers: thrown.headers }
    }
  }
}

const reasons: Readonly<Record<number, string>> = {
  401: 'authError',
  403: 'forbidden',
  404: 'notFound',
  412: 'conditionNotMet',
  429: 'rateLimitExceeded',
  503: 'backendError',
}

/** A message that begins with `reason: ` has that reason. */
function plantedRefusal({ status = 500, message = 'the fake was told to refuse it', retryAfter }: Trouble): Refusal {
  const [, reason = reasons[status] ?? 'backendError', words = message] = /^(\w+): (.*)$/s.exec(message) ?? []
  return new Refusal(status, reason, words, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) })
}

function write(response: ServerResponse, { status, body, headers }: Answer): void {
  const isText = typeof body === 'string'
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers })
  response.end(isText ? body : JSON.stringify(body ?? {}))
}

function parsed(bytes: Buffer): Json | undefined {
  try {
    return JSON.parse(bytes.toString('utf8')) as Json
  } catch {
    return undefined
  }
}

/** undefined: the caller left. */
async function bytesOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks)
  } catch {
    return undefined
  }
}
