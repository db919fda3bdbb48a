// The way to one cloud: kept connections, so many requests at a time, answers of bounded size. Knows nothing of tokens.
import PQueue from 'p-queue'
import { Agent } from 'undici'
import type { World } from '../../world/world.ts'
import type { RawAnswer } from './answer.ts'
import { exchange, type HttpRequest, type Way } from './exchange.ts'
import type { NetworkFaultCodes } from './network-faults.ts'
import { connectOptions, type TlsSettings } from './tls.ts'
import { inTurn } from './turns.ts'

export interface WireSettings {
  readonly tls: TlsSettings
  /** Requests on their way at the same time. */
  readonly maxRequests: number
}

/** Descriptions of things: no cloud has longer ones. */
const largestAnswer = 16 * 1024 * 1024

export class Wire {
  readonly #way: Way
  readonly #turns: PQueue

  constructor(world: World, { tls, maxRequests }: WireSettings, codes: NetworkFaultCodes) {
    this.#turns = new PQueue({ concurrency: maxRequests })
    const agent = new Agent({
      connections: maxRequests,
      allowH2: false,
      // Our own deadline counts the whole of a request.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: connectOptions(tls),
    })
    this.#way = { world, agent, largestAnswer, codes }
  }

  /**
   * Waits for its turn, and sends it once.
   *
   * @throws Fault `codes.*`; the signal's reason when nothing was sent, or nothing can have happened
   */
  send(request: HttpRequest & { readonly isUrgent: boolean }): Promise<RawAnswer> {
    return inTurn(this.#turns, request, () => exchange(this.#way, request))
  }

  async close(): Promise<void> {
    await this.#way.agent.destroy()
  }
}
