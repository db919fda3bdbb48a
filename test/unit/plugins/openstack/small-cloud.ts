// A cloud of a few routes in the test's process: a Keystone, and whatever a test puts beside it. It can misbehave on the wire,
// which a whole cloud is too well-mannered for.
import { createServer as createPlain, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { Fault } from '../../../../src/kernel/fault.ts'
import type { Json, JsonObject } from '../../../../src/kernel/json.ts'
import { cloudOf, type CloudUser } from '../../../../src/plugins/openstack/client/shared-clouds.ts'
import type { Cloud } from '../../../../src/plugins/openstack/client/cloud.ts'
import { realWorld } from '../../../../src/world/real-world.ts'

export interface SeenRequest {
  /** `GET /compute/v2.1/servers?limit=1` */
  readonly line: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Reply {
  readonly status?: number
  readonly body?: Json | string
  readonly headers?: Readonly<Record<string, string>>
}

/** Gives a reply, or answers by itself and gives nothing. */
export type Route = (request: SeenRequest, response: ServerResponse) => Reply | void | Promise<Reply | void>

export interface SmallCloudOptions {
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Of tokens, in seconds. */
  readonly lifetime?: number
  /** Further endpoints; the usual are compute, volume and image in `one`. */
  readonly catalog?: (origin: string) => Json
}

export interface SmallCloud extends AsyncDisposable {
  readonly origin: string
  readonly authUrl: string
  readonly config: JsonObject
  readonly seen: SeenRequest[]
  readonly tokens: string[]
  /** Tokens that are good now. */
  readonly good: Set<string>
  readonly connections: () => number
  /** `GET /compute/v2.1/servers/1` -> what comes. Without its query. */
  readonly routes: Map<string, Route>
}

export const planted = { password: 'plant3d-passw0rd', tokenStart: 'plant3d-t0ken-' } as const

export async function smallCloud(options: SmallCloudOptions = {}): Promise<SmallCloud> {
  const seen: SeenRequest[] = []
  const tokens: string[] = []
  const good = new Set<string>()
  const routes = new Map<string, Route>()
  const sockets = new Set<Socket>()
  let made = 0
  let origin = ''

  const signIn: Route = ({ body }) => {
    const { identity } = (JSON.parse(body) as { auth: { identity: Record<string, JsonObject> } }).auth
    const user = identity['password']?.['user'] as JsonObject | undefined
    if (user && user['password'] !== planted.password) {
      return { status: 401, body: { error: { code: 401, message: `wrong: ${String(user['password'])}` } } }
    }
    const value = `${planted.tokenStart}${tokens.length + 1}`
    tokens.push(value)
    good.add(value)
    const now = Date.now()
    const catalog = options.catalog?.(origin) ?? usualCatalog(origin)
    const token = {
      issued_at: new Date(now).toISOString(),
      expires_at: new Date(now + (options.lifetime ?? 3600) * 1000).toISOString(),
      user: { id: 'user-1' },
      project: { id: 'project-1' },
      catalog,
    }
    return { status: 201, body: { token }, headers: { 'x-subject-token': value } }
  }
  routes.set('POST /identity/v3/auth/tokens', signIn)
  routes.set('GET /compute/v2.1/', () => versions('v2.1', '2.1', '2.90'))
  routes.set('GET /volume/v3/', () => ({ body: { versions: [{ id: 'v3.0', min_version: '3.0', version: '3.70' }] } }))

  const listener: RequestListener = (request, response) => {
    void (async () => {
      const line = `${request.method} ${request.url}`
      const one: SeenRequest = { line, headers: request.headers, body: await text(request) }
      seen.push(one)
      const known = routes.get(line.split('?')[0] ?? '')
      const isOpen = line.startsWith('POST /identity')
      const isSignedIn = good.has(String(request.headers['x-auth-token']))
      const reply: Reply | void =
        isOpen || isSignedIn
          ? await (known ?? (() => ({ status: 404, body: { itemNotFound: { code: 404, message: 'nothing' } } })))(
              one,
              response,
            )
          : {
              status: 401,
              body: { error: { message: 'The request you have made requires authentication.' } },
              headers: { 'www-authenticate': `Keystone uri="${origin}"` },
            }
      if (!reply || response.headersSent) return
      const { status = 200, body, headers = {} } = reply
      response.writeHead(status, {
        'x-openstack-request-id': `req-answer-${seen.length}`,
        ...(body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }),
        ...headers,
      })
      response.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body))
    })().catch(() => response.destroy())
  }
  const server = options.tls ? createTls(options.tls, listener) : createPlain(listener)
  server.on('connection', (socket: Socket) => {
    made += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http${options.tls ? 's' : ''}://127.0.0.1:${(server.address() as AddressInfo).port}`
  const authUrl = `${origin}/identity/v3`
  return {
    origin,
    authUrl,
    config: {
      auth_url: authUrl,
      username: 'lab',
      password: planted.password,
      project_name: 'lab',
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
    seen,
    tokens,
    good,
    connections: () => made,
    routes,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function usualCatalog(origin: string, region = 'one'): Json[] {
  const service = (type: string, url: string): Json => ({
    type,
    endpoints: [
      { interface: 'public', region, region_id: region, url },
      { interface: 'internal', region, region_id: region, url: url.replace(origin, `${origin}/inside`) },
    ],
  })
  return [
    service('compute', `${origin}/compute/v2.1`),
    service('volumev3', `${origin}/volume/v3/project-1`),
    service('image', `${origin}/image`),
    service('network', `${origin}/network/`),
  ]
}

function versions(id: string, min: string, max: string): Reply {
  return { body: { version: { id, min_version: min, version: max } } }
}

export interface TestUser extends CloudUser {
  readonly lines: string[]
  readonly leaving: AbortController
}

const world = realWorld()

/** Somebody who works with a cloud, with a record of what was logged. */
export function testUser(execution = 'execution-1'): TestUser {
  const lines: string[] = []
  const log = (level: string) => (words: string) => void lines.push(`${level}: ${words}`)
  const leaving = new AbortController()
  return {
    world,
    signal: leaving.signal,
    execution: { id: execution, workflow: 'backup' },
    log: { debug: log('DEBUG'), info: log('INFO'), warning: log('WARNING'), error: log('ERROR') },
    lines,
    leaving,
  }
}

export async function connected(cloud: SmallCloud, more: JsonObject = {}, user = testUser()): Promise<Cloud> {
  return cloudOf(user, { clientConfig: { ...cloud.config, ...more } })
}

/** What it fails with, which must be a fault. */
export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const thrown = await work.then(
    (value) => {
      throw new Error(`it did not fail: ${JSON.stringify(value)}`)
    },
    (problem: unknown) => problem,
  )
  if (thrown instanceof Fault) return thrown
  throw thrown
}

/** No body, no header, no cause: all that anybody could print of it. */
export function wholeText(fault: Fault): string {
  return `${JSON.stringify(fault)} ${fault.stack} ${inspect(fault, { depth: 10, showHidden: true })}`
}
