// One socket to a daemon: messages in and out, until it is lost, which everybody is told once.
import { wordsOf } from '../../../kernel/words.ts'
import { FrameReader, messageTypes, type Frame } from './frames.ts'
import type { Transport } from './transports/transport.ts'

export class Wire {
  readonly #transport: Transport
  readonly #frames = new FrameReader()
  readonly #lost = new AbortController()
  #isCorked = false
  /** Bytes came since this was last asked. */
  #hasLife = false
  /** Answers without which it does not end. */
  #owed = 0
  readonly #ended = new AbortController()

  /** What `onFrame` throws ends the connection. */
  constructor(transport: Transport, onFrame: (frame: Frame) => void) {
    this.#transport = transport
    const { socket } = transport
    socket.on('data', (chunk: Buffer) => {
      this.#hasLife = true
      try {
        for (const frame of this.#frames.take(chunk)) {
          if (!this.#lost.signal.aborted) onFrame(frame)
          else if (frame.type === messageTypes.reply && --this.#owed === 0) this.#end()
        }
      } catch (thrown) {
        this.destroy(wordsOf(thrown))
      }
    })
    socket.on('error', (problem: Error) => this.destroy(problem.message))
    socket.on('end', () => this.destroy(this.#farewell()))
    socket.on('close', () => {
      this.destroy(this.#farewell())
      transport.release?.()
    })
  }

  /** Aborts when the socket is gone; the reason is a text. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  get isLocal(): boolean {
    return this.#transport.isLocal
  }

  tookLife(): boolean {
    const hadLife = this.#hasLife
    this.#hasLife = false
    return hadLife
  }

  /** What is sent in one turn goes in one piece. False: it should wait for `drained`. */
  send(bytes: Buffer): boolean {
    const { socket } = this.#transport
    if (!this.#isCorked) {
      this.#isCorked = true
      socket.cork()
      process.nextTick(() => {
        this.#isCorked = false
        socket.uncork()
      })
    }
    return socket.write(bytes)
  }

  /** Resolves when there is room to send again, or the socket is lost. */
  drained(): Promise<void> {
    const { socket } = this.#transport
    return new Promise((resolve) => {
      if (!socket.writableNeedDrain || this.lost.aborted) return resolve()
      const over = (): void => {
        socket.off('drain', over)
        this.lost.removeEventListener('abort', over)
        resolve()
      }
      socket.once('drain', over)
      this.lost.addEventListener('abort', over, { once: true })
    })
  }

  pause(): void {
    this.#transport.socket.pause()
  }

  resume(): void {
    this.#transport.socket.resume()
  }

  destroy(reason: string): void {
    if (this.lost.aborted) return
    this.#lost.abort(reason)
    this.#transport.socket.destroy()
  }

  /**
   * Sends what is left and ends. A daemon (libvirt 9.0) that answers, or registers somebody for events, while the socket ends
   * closes it in two threads at once, and may die of that: the answers it `owes` are waited for, as long as `patience` lasts.
   */
  finish(reason: string, owed: number, patience: (signal: AbortSignal) => Promise<void>): void {
    if (this.lost.aborted) return
    this.#owed = owed
    this.#lost.abort(reason)
    if (owed === 0) return this.#end()
    this.#transport.socket.resume()
    this.#transport.socket.once('close', () => this.#ended.abort())
    patience(this.#ended.signal).then(
      () => this.#end(),
      () => {},
    )
  }

  // A peer that takes nothing any more is not waited for.
  #end(): void {
    const { socket } = this.#transport
    this.#ended.abort()
    if (socket.writableNeedDrain) socket.destroy()
    else socket.end(() => socket.destroy())
  }

  #farewell(): string {
    const words = this.#transport.lastWords?.() ?? ''
    return words === '' ? 'it closed the connection' : words
  }
}
