// Messages on the socket: a header of 28 bytes, then a payload. Cut out of the bytes as they come, made for sending.
import { malformed, XdrWriter } from './xdr.ts'
import { protocolVersion } from './procedures.ts'

export const messageTypes = { call: 0, reply: 1, message: 2, stream: 3 } as const
export const messageStatuses = { ok: 0, error: 1, continue: 2 } as const

export interface Header {
  readonly program: number
  readonly procedure: number
  readonly type: number
  readonly serial: number
  readonly status: number
}

export interface Frame extends Header {
  readonly payload: Buffer
}

const headerLength = 28
/** Of the whole message, its length word included. */
export const longestFrame = 33_554_432 + 4

/** What `write` writes, in one message. @throws Fault `libvirt.bad_message` when it is too long to be taken */
export function encodeFrame(header: Header, write?: (to: XdrWriter) => void): Buffer {
  const writer = new XdrWriter()
  writer.u32(headerLength)
  writer.u32(header.program)
  writer.u32(protocolVersion)
  writer.i32(header.procedure)
  writer.i32(header.type)
  writer.u32(header.serial)
  writer.i32(header.status)
  write?.(writer)
  const bytes = writer.written
  if (bytes.length > longestFrame) throw malformed(`a message of ${bytes.length} bytes`)
  bytes.writeUInt32BE(bytes.length, 0)
  return bytes
}

/** Cuts messages out of chunks of any size. */
export class FrameReader {
  #chunks: Buffer[] = []
  #length = 0
  /** Length of the message that has begun; 0: not known yet. */
  #wanted = 0

  // Only when something is to be read: a large message comes in many chunks.
  #joined(): Buffer {
    const [first] = this.#chunks
    if (first !== undefined && this.#chunks.length === 1) return first
    const all = Buffer.concat(this.#chunks, this.#length)
    this.#chunks = [all]
    return all
  }

  /** @throws Fault `libvirt.bad_message`: what follows cannot be read any more */
  *take(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    for (;;) {
      if (this.#wanted === 0) {
        if (this.#length < 4) return
        this.#wanted = checkedFrameLength(this.#joined().readUInt32BE(0))
      }
      if (this.#length < this.#wanted) return
      const bytes = this.#joined()
      const frame = bytes.subarray(0, this.#wanted)
      const rest = bytes.subarray(this.#wanted)
      this.#chunks = rest.length === 0 ? [] : [rest]
      this.#length = rest.length
      this.#wanted = 0
      yield decodeFrame(frame)
    }
  }
}

function decodeFrame(bytes: Buffer): Frame {
  return {
    program: bytes.readUInt32BE(4),
    procedure: bytes.readInt32BE(12),
    type: bytes.readInt32BE(16),
    serial: bytes.readUInt32BE(20),
    status: bytes.readInt32BE(24),
    payload: bytes.subarray(headerLength),
  }
}

function checkedFrameLength(length: number): number {
  if (length < headerLength || length > longestFrame) throw malformed(`a message that says it has ${length} bytes`)
  return length
}
