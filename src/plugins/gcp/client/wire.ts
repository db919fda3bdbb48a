// The way to one cloud: kept connections, so many requests at a time, answers of bounded size. Knows nothing of tokens.
import PQueue from 'p-queue'
import { Agent, request as send } from 'undici'
import type { Duration } from '../../../kernel/duration.ts'
import type { World } from '../../../world/world.ts'
import type { Method } from './project.ts'
import type { TlsSettings } from './connection-settings.ts'
import { brokenOff, noAnswer, tooLarge, type Call } from './network-faults.ts'

export interface WireRequest {
  readonly call: Call
  readonly method: Method
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
  readonly signal: AbortSignal
  readonly deadline: Duration
  readonly isUrgent: boolean
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** Descriptions of things: no cloud has longer ones. */
const largestAnswer = 16 * 1024 * 1024

export class Wire {
  readonly #agent: Agent
  readonly #turns: PQueue
  readonly #world: World

  constructor(world: World, { tls, maxRequests }: { readonly tls: TlsSettings; readonly maxRequests: number }) {
    this.#world = world
    this.#turns = new PQueue({ concurrency: maxRequests })
    this.#agent = new Agent({
      connections: maxRequests,
      allowH2: false,
      // Our own deadline counts the whole of a request.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        timeout: 10_000,
        rejectUnauthorized: !tls.isInsecure,
        ...(tls.ca === undefined ? {} : { ca: tls.ca }),
        ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
        ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
      },
    })
  }

  /**
   * Waits for its turn, and sends it once.
   *
   * @throws Fault `gcp.*`; the signal's reason when nothing was sent, or nothing can have happened
   */
  async send(request: WireRequest): Promise<RawAnswer> {
    const { signal, isUrgent } = request
    signal.throwIfAborted()
    let isSent = false
    // Once it is sent, its turn lasts as long as the request: it ends with the request's own signal, not with this one.
    const leaving = new AbortController()
    const leave = (): void => {
      if (!isSent) leaving.abort(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await this.#turns.add(
        async () => {
          isSent = true
          return this.#exchange(request)
        },
        { priority: isUrgent ? 1 : 0, signal: leaving.signal },
      )
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #exchange({ call, method, url, headers, body, signal, deadline }: WireRequest): Promise<RawAnswer> {
    const late = new AbortController()
    const done = new AbortController()
    this.#world.clock.sleep(deadline, done.signal).then(
      () => late.abort(),
      () => {},
    )
    try {
      const answer = await send(url, {
        method,
        headers,
        dispatcher: this.#agent,
        signal: AbortSignal.any([signal, late.signal]),
        ...(body === undefined ? {} : { body: body as string }),
      })
      const text = await boundedText(answer.body, call)
      return { status: answer.statusCode, headers: plainHeaders(answer.headers), text }
    } catch (thrown) {
      if (late.signal.aborted) throw noAnswer(call, deadline)
      throw brokenOff(call, thrown, signal)
    } finally {
      done.abort()
    }
  }
}

async function boundedText(body: AsyncIterable<Uint8Array>, call: Call): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  // Leaving the loop ends the connection.
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > largestAnswer) throw tooLarge(call, largestAnswer)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}
