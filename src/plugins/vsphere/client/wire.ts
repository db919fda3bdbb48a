// The way to one vCenter: kept connections, so many requests at a time, answers of bounded size. Knows nothing of sessions.
import PQueue from 'p-queue'
import { Agent, buildConnector, request as send } from 'undici'
import type { Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { World } from '../../../world/world.ts'
import { rawAnswer, type RawAnswer } from '../../http/answer.ts'
import { exchange, type HttpRequest, type Way } from '../../http/exchange.ts'
import { brokenOff, type HttpCall } from '../../http/network-faults.ts'
import { connectOptions } from '../../http/tls.ts'
import { inTurn } from '../../http/turns.ts'
import type { VCenterTls } from './connection-settings.ts'
import { networkFaults } from './network-faults.ts'
import { statusFault } from './refusals.ts'

export interface WireRequest extends Omit<HttpRequest, 'method' | 'body'> {
  readonly body: string
  /** It only waits for something to happen, and takes no turn from others. */
  readonly isWaiting?: boolean
}

/** A file of a machine's, on its way from or to a host. The address lets in whoever knows it. */
export interface Transfer<Result> {
  readonly call: HttpCall
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
const answerLimit = { largestAnswer: 32 * 1024 * 1024, codes: networkFaults }

/** The certificate is not the one that was named. */
const wrongThumbprint = 'CERT_WRONG_THUMBPRINT'

export class Wire {
  readonly #way: Way
  readonly #turns: PQueue
  readonly #tls: VCenterTls
  readonly #hosts = new Map<string, Agent>()

  constructor(world: World, { tls, maxRequests }: { readonly tls: VCenterTls; readonly maxRequests: number }) {
    this.#tls = tls
    this.#turns = new PQueue({ concurrency: maxRequests })
    const agent = new Agent({
      // One more for who waits.
      connections: maxRequests + 1,
      allowH2: false,
      // Our own deadline counts the whole of a request.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: connectorFor(tls),
    })
    this.#way = { world, agent, ...answerLimit }
  }

  /**
   * Waits for its turn, and sends it once.
   *
   * @throws Fault `vsphere.*`; the signal's reason when nothing was sent, or nothing can have happened
   */
  async send(request: WireRequest): Promise<RawAnswer> {
    request.signal.throwIfAborted()
    const sent = (): Promise<RawAnswer> => exchange(this.#way, { ...request, method: 'POST' })
    return request.isWaiting === true ? sent() : inTurn(this.#turns, request, sent)
  }

  async close(): Promise<void> {
    await Promise.all([this.#way.agent, ...this.#hosts.values()].map((agent) => agent.destroy()))
  }

  /** Takes as long as it takes, as long as something comes. @throws Fault `vsphere.*` */
  async transfer<Result>(request: Transfer<Result>): Promise<Result> {
    const { call, url, method, headers = {}, body, signal, thumbprint, take } = request
    try {
      const dispatcher = this.#hostAgent(thumbprint)
      const answer = await send(url, { method, headers, dispatcher, signal, body: body ?? null })
      if (answer.statusCode < 200 || answer.statusCode > 299) {
        throw statusFault(call, await rawAnswer(answer, call, answerLimit), this.#way.world.clock.now())
      }
      const length = Number(answer.headers['content-length'])
      return await take(answer.body, Number.isInteger(length) && length > 0 ? length : undefined)
    } catch (thrown) {
      throw brokenOff(networkFaults, call, thrown, signal)
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
}

// Whoever names a thumbprint trusts that one certificate, whoever signed it, and no other.
function connectorFor(tls: VCenterTls): buildConnector.connector {
  const { isInsecure, thumbprint } = tls
  const connect = buildConnector({
    ...connectOptions(tls),
    rejectUnauthorized: !isInsecure && thumbprint === undefined,
    // A session that is taken up again shows no certificate.
    ...(thumbprint === undefined ? {} : { maxCachedSessions: 0 }),
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
