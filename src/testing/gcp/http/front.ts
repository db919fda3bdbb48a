// The HTTP side of the fake project: finds out what a call means, looks at its token, and words what comes of it.
import { isJsonObject } from '../../../kernel/json.ts'
import type { AskedCall, CallOutcome } from '../../fake-http/call-log.ts'
import { Front as FakeFront, parsed, type Reading, type Received, type Reply } from '../../fake-http/front.ts'
import { plantedHeaders, plantedMessage, type Trouble } from '../../fake-http/troubles.ts'
import type { Tokens } from '../services/tokens.ts'
import { Refusal, refusalBody, type Answer, type Handler } from './answer.ts'

/** `identity`: what gives tokens. */
interface Asked extends AskedCall<'identity' | 'compute'> {
  /** Of the API: `v1`; undefined: it was none of its calls. */
  readonly version: string | undefined
}

export interface LoggedCall extends Asked, CallOutcome {}

interface Route {
  readonly method: string
  readonly name: string
  readonly pattern: RegExp
  readonly handler: Handler
}

export class Front extends FakeFront<Asked> {
  readonly #routes: Route[] = []
  readonly #tokens: Tokens
  readonly #projectId: string
  #requests = 0

  constructor(projectId: string, tokens: Tokens) {
    super(({ method, path }) => `${method} ${path}`)
    this.#projectId = projectId
    this.#tokens = tokens
  }

  /** `route`: `GET /zones/:zone/disks/:name`. What is written out must be added before what stands for anything. */
  add(route: string, handler: Handler): void {
    const [method = '', path = ''] = route.split(' ')
    const pattern = new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`)
    this.#routes.push({ method, name: route, pattern, handler })
  }

  protected override read({ method, url, headers, bytes }: Received): Reading<Asked> {
    const isToken = url.pathname === '/token' || url.pathname.startsWith('/computeMetadata/')
    const [, version, project, path = ''] =
      /^(?:\/compute\/(v1|beta)|\/v3)\/projects\/([^/]+)(\/.*)$/.exec(url.pathname) ?? []
    const route = this.#routes.find((one) => one.method === method && one.pattern.test(path))
    const given = parsed(bytes)
    const body = isJsonObject(given) ? given : undefined
    this.#requests += 1
    const call: Asked = {
      service: isToken ? 'identity' : 'compute',
      method,
      path: isToken ? url.pathname : path,
      name: isToken ? `${method} ${url.pathname}` : (route?.name ?? `${method} ${path}`),
      query: url.search,
      body,
      version,
      requestId: url.searchParams.get('requestId') ?? `call-${this.#requests}`,
    }
    const answer = (): Answer | Promise<Answer> => {
      if (isToken) return this.#tokens.answer(url.pathname, bytes.toString('utf8'), headers)
      this.#tokens.check(headers.authorization)
      if (project !== this.#projectId) throw new Refusal(403, 'forbidden', `Permission denied on project ${project}`)
      if (route === undefined) throw new Refusal(404, 'notFound', `there is no ${method} ${path}`)
      const params = Object.fromEntries(
        Object.entries(route.pattern.exec(path)?.groups ?? {}).map(([name, value]) => [
          name,
          decodeURIComponent(value),
        ]),
      )
      return route.handler({
        method,
        path,
        params,
        query: url.searchParams,
        body: body ?? {},
        version: version === 'beta' ? 'beta' : 'v1',
      })
    }
    return { call, planted, act: async () => replyOf(await answer()), refused }
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
function planted(trouble: Trouble): Refusal {
  const { status = 500, message = plantedMessage } = trouble
  const [, reason = reasons[status] ?? 'backendError', words = message] = /^(\w+): (.*)$/s.exec(message) ?? []
  return new Refusal(status, reason, words, plantedHeaders(trouble))
}

function refused(thrown: unknown): Reply {
  if (!(thrown instanceof Refusal)) throw thrown
  return replyOf({ status: thrown.status, body: refusalBody(thrown), headers: thrown.headers })
}

function replyOf({ status, body, headers }: Answer): Reply {
  const isText = typeof body === 'string'
  return {
    status,
    headers: { 'content-type': isText ? 'text/plain' : 'application/json', ...headers },
    body: isText ? body : JSON.stringify(body ?? {}),
  }
}
