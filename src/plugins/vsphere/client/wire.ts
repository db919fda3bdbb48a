// The way to one vCenter: kept connections, so many requests at a time, answers of bounded size. Knows nothing of sessions.
import PQueue from 'p-queue'
import { Agent, buildConnector, request as send } from 'undici'
import type { Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Duration } from '../../../kernel/duration.ts'
import type { World } from '../../../world/world.ts'
import type { TlsSettings } from './connection-settings.ts'
import { badAnswer, brokenOff, noAnswer, wrongThumbprint, type Call } from './network-faults.ts'
import { statusFault } from './refusals.ts'

export interface WireRequest {
  readonly call: Call
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
  readonly deadline: Duration
  /** It only waits for something to happen, and takes no turn from others. */
  readonly isWaiting?: boolean
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** A file of a machine's, on its way from or to a host. The address lets in whoever knows it. */
export interface Transfer<Result> {
  readonly call: Call
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Readable
  readonly signal: AbortSignal
  /** Of the host, as the vCenter names it. */
  readonly thumbprint: string | undefined
  /** Reads all of what comes. */
  readonly take: (body: AsyncIterable<Uint8Array>, length: number | undefined) => Promise<Result>
}

/** Without a single byte. */
const longestSilence = 120_000

/** Inventories come in pages: nothing longer is an answer. */
const largestAnswer = 32 * 1024 * 1024

export class Wire {
  readonly #agent: Agent
  readonly #turns: PQueue
  readonly #world: World
  readonly #tls: TlsSettings
  readonly #hosts = new Map<string, Agent>()

  constructor(world: World, { tls, maxRequests }: { readonly tls: TlsSettings; readonly maxRequests: number }) {
    this.#world = world
    this.#tls = tls
    this.#turns = new PQueue({ concurrency: maxRequests })
    this.#agent = new Agent({
      // One more for who waits.
      connections: maxRequests + 1,
      allowH2: false,
      // Our own deadline counts the whole of a request.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: connectorFor(tls),
    })
  }

  /**
   * Waits for its turn, and sends it once.
   *
   * @throws Fault `vsphere.*`; the signal's reason when nothing was sent, or nothing can have happened
   */
  async send(request: WireRequest): Promise<RawAnswer> {
    const { signal } = request
    signal.throwIfAborted()
    if (request.isWaiting === true) return this.#exchange(request)
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
        { signal: leaving.signal },
      )
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent, ...this.#hosts.values()].map((agent) => agent.destroy()))
  }

  /** Takes as long as it takes, as long as something comes. @throws Fault `vsphere.*` */
  async transfer<Result>(request: Transfer<Result>): Promise<Result> {
    const { call, url, method, headers = {}, body, signal, thumbprint, take } = request
    try {
      const dispatcher = this.#hostAgent(thumbprint)
      const answer = await send(url, { method, headers, dispatcher, signal, body: body ?? null })
      if (answer.statusCode < 200 || answer.statusCode > 299) {
        const text = await boundedText(answer.body, call)
        throw statusFault(
          call,
          { status: answer.statusCode, headers: plainHeaders(answer.headers), text },
          this.#world.clock.now(),
        )
      }
      const length = Number(answer.headers['content-length'])
      return await take(answer.body, Number.isInteger(length) && length > 0 ? length : undefined)
    } catch (thrown) {
      throw brokenOff(call, thrown, signal)
    }
  }

  // What a trusted vCenter says of the hosts' certificates, it is trusted with as well.
  #hostAgent(thumbprint: string | undefined): Agent {
    const key = this.#tls.isInsecure ? '' : (thumbprint ?? '')
    const known = this.#hosts.get(key)
    if (known !== undefined) return known
    const agent = new Agent({
      connections: 4,
      allowH2: false,
      headersTimeout: longestSilence,
      bodyTimeout: longestSilence,
      connect: connectorFor(key === '' ? this.#tls : { ...this.#tls, thumbprint: key }),
    })
    this.#hosts.set(key, agent)
    return agent
  }

  async #exchange({ call, url, headers, body, signal, deadline }: WireRequest): Promise<RawAnswer> {
    const late = new AbortController()
    const done = new AbortController()
    this.#world.clock.sleep(deadline, done.signal).then(
      () => late.abort(),
      () => {},
    )
    try {
      const answer = await send(url, {
        method: 'POST',
        headers,
        dispatcher: this.#agent,
        signal: AbortSignal.any([signal, late.signal]),
        body,
      })
      const text = await boundedText(answer.body, call)
      return { status: answer.statusCode, headers: plainHeaders(answer.headers), text }
    } catch (thrown) {
      if (late.signal.aborted) throw noAnswer(call, deadline)
      throw brokenOff(call, thrown, signal)
    } finally {
      // With a reason: the usual one is an error with a stack, for each call.
      done.abort('over')
    }
  }
}

// Whoever names a thumbprint trusts that one certificate, whoever signed it, and no other.
function connectorFor({ isInsecure, ca, thumbprint }: TlsSettings): buildConnector.connector {
  const connect = buildConnector({
    timeout: 10_000,
    rejectUnauthorized: !isInsecure && thumbprint === undefined,
    // A session that is taken up again shows no certificate.
    ...(thumbprint === undefined ? {} : { maxCachedSessions: 0 }),
    ...(ca === undefined ? {} : { ca }),
  })
  if (thumbprint === undefined) return connect
  return (options, done) => {
    connect(options, (...[problem, socket]) => {
      if (problem !== null) return done(problem, null)
      const shown = (socket as Partial<TLSSocket>).getPeerCertificate?.()
      if (thumbprint === shown?.fingerprint || thumbprint === shown?.fingerprint256) return done(null, socket)
      socket.destroy()
      const reason = `its thumbprint is ${shown?.fingerprint256 ?? 'not shown'}, and not the one that was named`
      done(Object.assign(new Error(reason), { code: wrongThumbprint }), null)
    })
  }
}

async function boundedText(body: AsyncIterable<Uint8Array>, call: Call): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  // Leaving the loop ends the connection.
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > largestAnswer) throw badAnswer(call, `it has more than ${largestAnswer} bytes`)
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
