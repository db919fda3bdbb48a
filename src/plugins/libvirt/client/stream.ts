// One stream of a connection: data under the serial of the call that began it, both ways, until one side ends it.
import { fault, type Fault } from '../../../kernel/fault.ts'
import { unlessInterrupted } from '../../ssh/client/interrupted.ts'
import type { RpcCalls } from './calls.ts'
import { callFault, decodeError } from './errors.ts'
import { encodeFrame, messageStatuses, messageTypes, type Frame } from './frames.ts'
import { programs, type AnyProcedure, type ArgumentsOf } from './procedures.ts'
import type { Wire } from './wire.ts'

export type StreamCall = 'STORAGE_VOL_UPLOAD' | 'STORAGE_VOL_DOWNLOAD'

export interface StreamOptions {
  readonly signal: AbortSignal
}

export interface LibvirtStream {
  /** The next piece the daemon sent; empty: there are no more. */
  next(): Promise<Buffer>
  /** Resolves when there is room for more. What the daemon has against it is thrown by the next call. */
  send(data: Uint8Array): Promise<void>
  /** Says that all was sent, or taken; resolves when the daemon agrees. */
  finish(): Promise<void>
  /** Gives up. */
  abort(): void
}

export type OpenStream = <Name extends StreamCall>(
  name: Name,
  args: ArgumentsOf<Name>,
  options: StreamOptions,
) => Promise<LibvirtStream>

export interface StreamFrames {
  take(frame: Frame): void
}

interface StreamPlace {
  readonly wire: Wire
  readonly calls: RpcCalls
  readonly streams: Map<number, StreamFrames>
  readonly uri: string
}

export function openStream(place: StreamPlace): OpenStream {
  return async (name, args, { signal }) => {
    signal.throwIfAborted()
    const sent = place.calls.send(name, args, [{ signal }])
    const stream = new RpcStream(place, name, sent, signal)
    // Before the answer: data may come in the same piece as that.
    place.streams.set(sent.serial, stream)
    try {
      await sent.returned
    } catch (thrown) {
      place.streams.delete(sent.serial)
      throw thrown
    }
    return stream
  }
}

/** So much may wait to be taken before the daemon is made to wait. */
const mostWaiting = 1024 * 1024

class RpcStream implements LibvirtStream, StreamFrames {
  readonly #place: StreamPlace
  readonly #name: StreamCall
  readonly #header: Pick<Frame, 'program' | 'procedure' | 'serial'>
  readonly #isRead: boolean
  readonly #signal: AbortSignal
  readonly #waiting: Buffer[] = []
  #bytes = 0
  #isEnded = false
  #problem: Fault | undefined
  #wake: (() => void) | undefined

  constructor(
    place: StreamPlace,
    name: StreamCall,
    sent: { readonly serial: number; readonly procedure: AnyProcedure },
    signal: AbortSignal,
  ) {
    this.#place = place
    this.#name = name
    this.#signal = signal
    this.#isRead = sent.procedure.isRead
    this.#header = { program: programs.remote, procedure: sent.procedure.number, serial: sent.serial }
    const lost = place.wire.lost
    const onLost = (): void => this.#fail(this.#lostFault(String(lost.reason)))
    lost.addEventListener('abort', onLost, { once: true })
  }

  take(frame: Frame): void {
    switch (frame.status) {
      case messageStatuses.continue:
        this.#waiting.push(frame.payload)
        this.#bytes += frame.payload.length
        if (this.#bytes > mostWaiting) this.#place.wire.pause()
        break
      case messageStatuses.ok:
        this.#isEnded = true
        break
      default:
        this.#fail(this.#refusal(frame.payload))
    }
    this.#wake?.()
  }

  async next(): Promise<Buffer> {
    await this.#until(() => this.#waiting.length > 0 || this.#isEnded)
    const piece = this.#waiting.shift()
    if (!piece) throw this.#brokenFault('the daemon ended it early')
    this.#bytes -= piece.length
    if (this.#bytes <= mostWaiting) this.#place.wire.resume()
    return piece
  }

  async send(data: Uint8Array): Promise<void> {
    this.#check()
    if (this.#isEnded) throw this.#brokenFault('the daemon ended it early')
    if (this.#write(messageStatuses.continue, data)) return
    await unlessInterrupted(this.#place.wire.drained(), [{ signal: this.#signal }])
    this.#check()
  }

  async finish(): Promise<void> {
    this.#check()
    this.#write(messageStatuses.ok)
    await this.#until(() => this.#isEnded)
  }

  abort(): void {
    if (this.#isEnded || this.#problem || this.#place.wire.lost.aborted) return
    this.#write(messageStatuses.error)
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      this.#check()
      const woken = new Promise<void>((resolve) => (this.#wake = resolve))
      await unlessInterrupted(woken, [{ signal: this.#signal }])
    }
    this.#check()
  }

  #check(): void {
    this.#signal.throwIfAborted()
    if (this.#problem) throw this.#problem
  }

  #write(status: number, data?: Uint8Array): boolean {
    const header = { ...this.#header, type: messageTypes.stream, status }
    return this.#place.wire.send(encodeFrame(header, data && ((to) => to.raw(data))))
  }

  #fail(problem: Fault): void {
    this.#problem ??= problem
    this.#wake?.()
  }

  #refusal(payload: Buffer): Fault {
    try {
      return callFault(this.#name, decodeError(payload), this.#isRead)
    } catch {
      return this.#brokenFault('the daemon gave up and did not say why')
    }
  }

  #lostFault(reason: string): Fault {
    const details = { uri: this.#place.uri, call: this.#name, reason }
    return fault('libvirt.connection_lost', { details, effect: this.#isRead ? 'none' : 'unknown' })
  }

  #brokenFault(reason: string): Fault {
    return streamBroken(this.#name, reason, this.#isRead ? 'none' : 'unknown')
  }
}

export function streamBroken(call: StreamCall, reason: string, effect: 'none' | 'unknown'): Fault {
  return fault('libvirt.stream_broken', { details: { call, reason }, effect })
}
