// Sends what is written in one go as one piece. ssh2 writes each packet in three pieces, and a gateway makes a packet of its
// own of each: the handshakes of a fleet would cost every side several times as much.
import type { Duplex, Writable } from 'node:stream'

type Done = (problem?: Error | null) => void
interface Chunk {
  readonly chunk: Buffer
}

export function gatherWrites(stream: Duplex): void {
  const writable: Writable = stream
  const write = writable.write.bind(writable) as (...given: unknown[]) => boolean
  writable._writev ??= (chunks: readonly Chunk[], done: Done) =>
    writable._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'buffer' as BufferEncoding, done)
  let isGathering = false
  const gather = (...given: unknown[]): boolean => {
    if (!isGathering) {
      isGathering = true
      writable.cork()
      process.nextTick(() => {
        isGathering = false
        writable.uncork()
      })
    }
    return write(...given)
  }
  writable.write = gather as Writable['write']
}
