// The loopback HTTP server that a script's `ctx` talks to: one per operation, reached only by whoever knows its token.
import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Fault, asFault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { World } from '../../../world/world.ts'

const maximumBody = 8 * 1024 * 1024

export interface CtxProxy {
  /** What goes into CTX_SOCKET_URL. */
  readonly url: string
  close(): Promise<void>
}

export interface ProxyHandlers {
  /** A `ctx` command. A fault `script.aborted` or `script.retry_asked` is told to the script as a stop. */
  command(words: readonly Json[]): Promise<Json>
  /** An exception that ended a Python script. */
  raised(exception: JsonObject): void
}

/** Starts listening on a free port of 127.0.0.1. */
export async function startProxy(world: World, handlers: ProxyHandlers): Promise<CtxProxy> {
  const path = `/${world.randomText(32, '0123456789abcdef')}`
  const server = createServer((request, response) => {
    serve(request, path, handlers).then(
      ({ status, body }) => send(response, status, body),
      () => response.destroy(),
    )
  })
  // A script may keep its connection for hours between two calls; `close` ends all of them.
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${portOf(server)}${path}`, close: () => close(server) }
}

export interface Answer {
  readonly status: number
  readonly body: JsonObject
}

async function serve(request: IncomingMessage, path: string, handlers: ProxyHandlers): Promise<Answer> {
  if (!isSame(request.url ?? '', path)) return failure(404, 'not found')
  if (request.method !== 'POST') return failure(405, 'only POST is answered here')
  const text = await readBody(request)
  if (text === undefined) return failure(413, `a request may hold at most ${maximumBody} bytes`)
  return respond(text, handlers)
}

/** To a request's body, however it came. Never rejects. */
export async function respond(text: string, handlers: ProxyHandlers): Promise<Answer> {
  const body = parse(text)
  if (isJsonObject(body?.['raised'])) {
    handlers.raised(body['raised'])
    return result(null)
  }
  const words = body?.['args']
  if (!Array.isArray(words)) return failure(200, 'expected a JSON object {"args": [...]}')
  return answer(words, handlers)
}

async function answer(words: readonly Json[], handlers: ProxyHandlers): Promise<Answer> {
  try {
    return result(await handlers.command(words))
  } catch (thrown) {
    const { code, message } = asFault(thrown)
    if (code === 'script.aborted' || code === 'script.retry_asked') {
      return { status: 200, body: { type: 'stop_operation', payload: { message } } }
    }
    return failure(200, message, thrown instanceof Fault ? code : 'engine.unexpected')
  }
}

const result = (payload: Json): Answer => ({ status: 200, body: { type: 'result', payload } })

function failure(status: number, message: string, type = 'script.bad_input'): Answer {
  return { status, body: { type: 'error', payload: { type, message, traceback: '' } } }
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    // The rest is read and dropped, so that the answer still reaches the client.
    if (size <= maximumBody) chunks.push(chunk)
  }
  return size > maximumBody ? undefined : Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, status: number, body: JsonObject): void {
  const text = Buffer.from(JSON.stringify(body))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length })
  response.end(text)
}

function isSame(given: string, expected: string): boolean {
  const left = Buffer.from(given)
  const right = Buffer.from(expected)
  return left.length === right.length && timingSafeEqual(left, right)
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
