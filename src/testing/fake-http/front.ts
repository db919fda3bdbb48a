// The HTTP side of a fake: takes a call, does to it what was planted for it, sends the answer. What the call means, and how a
// refusal is worded, each fake says.
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Json } from '../../kernel/json.ts'
import { CallLog, type AskedCall, type CallOutcome } from './call-log.ts'
import { Troubles, type Trouble, type Which } from './troubles.ts'

export interface Received {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
}

/** What a fake makes of a call. */
export interface Reading<Asked extends AskedCall> {
  readonly call: Asked
  /** Does what is asked; what it throws, `refused` words. */
  act(): Promise<Reply>
  /** As `act` would have thrown it. */
  planted(trouble: Trouble): Error
  /** @throws what was thrown, when it is no refusal */
  refused(thrown: unknown): Reply
}

class Dropped extends Error {}

export abstract class Front<Asked extends AskedCall> {
  readonly log = new CallLog<Asked>()
  readonly troubles: Troubles<Asked>
  readonly #server: Server
  readonly #waits = new Set<NodeJS.Timeout>()

  /** `line`: as for `Troubles`. */
  constructor(line: (call: Asked) => string) {
    this.troubles = new Troubles(line)
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((thrown: unknown) => {
        response.destroy()
        throw thrown
      })
    })
  }

  /** A reply at once: such a call is in no log. */
  protected abstract read(received: Received): Reading<Asked> | Reply

  async open(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get calls(): readonly (Asked & CallOutcome)[] {
    return this.log.calls
  }

  count(which: Which): number {
    return this.calls.filter((call) => this.troubles.isMeant(which, call)).length
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
    const reading = this.read({ method: request.method ?? '', url, headers: request.headers, bytes })
    if (!('call' in reading)) return send(response, reading)
    const logged = this.log.opened(reading.call)
    const troubles = this.troubles.of(logged)
    try {
      await this.#before(troubles)
      if (troubles.some(({ drop }) => drop === 'before')) throw new Dropped()
      const reply = await replyTo(reading, troubles)
      if (troubles.some(({ drop, isHanging }) => drop === 'after' || isHanging)) throw new Dropped()
      this.log.closed(logged, reply.status)
      send(response, reply)
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
}

async function replyTo<Asked extends AskedCall>(reading: Reading<Asked>, troubles: readonly Trouble[]): Promise<Reply> {
  const planted = troubles.find(({ status }) => status !== undefined)
  try {
    if (planted && planted.afterEffect !== true) throw reading.planted(planted)
    const reply = await reading.act()
    if (planted) throw reading.planted(planted)
    return reply
  } catch (thrown) {
    return reading.refused(thrown)
  }
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, headers)
  response.end(body)
}

/** null: it is none. */
export function parsed(bytes: Buffer): Json | null {
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
