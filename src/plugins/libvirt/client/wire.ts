// One socket to a daemon: messages in and out, until it is lost, which everybody is told once.
import { wordsOf } from '../../../kernel/words.ts'
import { FrameReader, type Frame } from './frames.ts'
import type { Transport } from './transports/transport.ts'

export class Wire {
  readonly #transport: Transport
  readonly #frames = new FrameReader()
  readonly #lost = new AbortController()
  #isCorked = false
  /** Bytes came since this was last asked. */
  #hasLife = false

  /** What `onFrame` throws ends the connection. */
  constructor(transport: Transport, onFrame: (frame: Frame) => void) {
    this.#transport = transport
    const { socket } = transport
    socket.on('data', (chunk: Buffer) => {
      this.#hasLife = true
      try {
        for (const frame of this.#frames.take(chunk)) {
          if (this.#lost.signal.aborted) return
          onFrame(frame)
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

  /** Sends what is left and ends; a peer that takes nothing any more is not waited for. */
  finish(last: Buffer, reason: string): void {
    if (this.lost.aborted) return
    const { socket } = this.#transport
    const isStuck = socket.writableNeedDrain
    this.#lost.abort(reason)
    if (isStuck) socket.destroy()
    else socket.end(last, () => socket.destroy())
  }

  #farewell(): string {
    const words = this.#transport.lastWords?.() ?? ''
    return words === '' ? 'it closed the connection' : words
  }
}
