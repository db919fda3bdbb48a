// The server's end of a volume's stream: bytes into the file, or out of it.
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { systemError, type VirError } from '../model/vir-error.ts'

/** How the stream speaks to its client. */
export interface StreamWire {
  data(bytes: Buffer): Promise<void>
  /** All is done. */
  finish(): void
  fail(error: VirError): void
}

export interface ServerStream {
  start(wire: StreamWire): void
  /** Data of the client; empty and `isLast` at its end. */
  take(bytes: Buffer, isLast: boolean): void
  /** The client gave up, or is gone. */
  abort(): void
}

/** What the daemon itself uses, in turn. */
const packetSize = 262_120

export class Upload implements ServerStream {
  readonly #file: number
  readonly #limit: number
  #at: number
  #taken = 0
  #wire: StreamWire | undefined
  #isOver = false
  readonly #check: () => void

  /** @param check throws when the disk is full */
  constructor(path: string, offset: number, length: number, check: () => void) {
    this.#file = openSync(path, 'r+')
    this.#at = offset
    this.#limit = length === 0 ? Number.POSITIVE_INFINITY : length
    this.#check = check
  }

  start(wire: StreamWire): void {
    this.#wire = wire
  }

  take(bytes: Buffer, isLast: boolean): void {
    if (this.#isOver) return
    if (this.#taken + bytes.length > this.#limit)
      return this.#fail(systemError('cannot write to stream: No space left on device'))
    try {
      if (bytes.length > 0) this.#check()
    } catch (thrown) {
      return this.#fail(thrown as VirError)
    }
    writeSync(this.#file, bytes, 0, bytes.length, this.#at)
    this.#at += bytes.length
    this.#taken += bytes.length
    if (!isLast) return
    this.#close()
    this.#wire?.finish()
  }

  #fail(error: VirError): void {
    this.#close()
    this.#wire?.fail(error)
  }

  abort(): void {
    if (this.#isOver) return
    this.#close()
  }

  #close(): void {
    this.#isOver = true
    closeSync(this.#file)
  }
}

export class Download implements ServerStream {
  readonly #file: number
  #at: number
  readonly #end: number
  #isOver = false
  #wire: StreamWire | undefined

  constructor(path: string, offset: number, length: number) {
    this.#file = openSync(path, 'r')
    const { size } = statSync(path)
    this.#at = offset
    this.#end = length === 0 ? size : Math.min(size, offset + length)
  }

  start(wire: StreamWire): void {
    this.#wire = wire
    void this.#send(wire)
  }

  async #send(wire: StreamWire): Promise<void> {
    const buffer = Buffer.alloc(packetSize)
    while (!this.#isOver && this.#at < this.#end) {
      const length = readSync(this.#file, buffer, 0, Math.min(packetSize, this.#end - this.#at), this.#at)
      if (length === 0) break
      this.#at += length
      await wire.data(Buffer.from(buffer.subarray(0, length)))
    }
    // An empty packet is the end of the data.
    if (!this.#isOver) await wire.data(Buffer.alloc(0))
  }

  take(_bytes: Buffer, isLast: boolean): void {
    if (!isLast || this.#isOver) return
    this.abort()
    this.#wire?.finish()
  }

  abort(): void {
    if (this.#isOver) return
    this.#isOver = true
    closeSync(this.#file)
  }
}
