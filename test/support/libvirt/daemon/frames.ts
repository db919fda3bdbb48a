// Messages on the socket, written without the client's own framing: a mistake there must not be made twice.

export interface Frame {
  readonly program: number
  readonly version: number
  readonly procedure: number
  readonly type: number
  readonly serial: number
  readonly status: number
  readonly payload: Buffer
}

export const types = { call: 0, reply: 1, message: 2, stream: 3 } as const
export const statuses = { ok: 0, error: 1, continue: 2 } as const
export const headerLength = 28
export const longestFrame = 33_554_432 + 4

export function frameBytes(frame: Frame): Buffer {
  const bytes = Buffer.alloc(headerLength + frame.payload.length)
  bytes.writeUInt32BE(bytes.length, 0)
  bytes.writeUInt32BE(frame.program, 4)
  bytes.writeUInt32BE(frame.version, 8)
  bytes.writeInt32BE(frame.procedure, 12)
  bytes.writeInt32BE(frame.type, 16)
  bytes.writeUInt32BE(frame.serial, 20)
  bytes.writeInt32BE(frame.status, 24)
  frame.payload.copy(bytes, headerLength)
  return bytes
}

/** Cuts what arrives into frames. */
export class FrameReader {
  #chunks: Buffer[] = []
  #length = 0

  /** @throws RangeError for a length that the daemon does not take */
  push(chunk: Buffer): readonly Frame[] {
    const frames: Frame[] = []
    this.#chunks.push(chunk)
    this.#length += chunk.length
    for (;;) {
      if (this.#length < 4) return frames
      if ((this.#chunks[0]?.length ?? 0) < 4) this.#chunks = [Buffer.concat(this.#chunks)]
      const wanted = this.#chunks[0]?.readUInt32BE(0) ?? 0
      if (wanted < headerLength || wanted > longestFrame) throw new RangeError(`a frame of ${wanted} bytes`)
      if (this.#length < wanted) return frames
      const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
      this.#chunks = all.length > wanted ? [all.subarray(wanted)] : []
      this.#length -= wanted
      frames.push(frameFrom(all.subarray(0, wanted)))
    }
  }
}

const frameFrom = (bytes: Buffer): Frame => ({
  program: bytes.readUInt32BE(4),
  version: bytes.readUInt32BE(8),
  procedure: bytes.readInt32BE(12),
  type: bytes.readInt32BE(16),
  serial: bytes.readUInt32BE(20),
  status: bytes.readInt32BE(24),
  payload: Buffer.from(bytes.subarray(headerLength)),
})
