// Contents of volumes, up and down. Each transfer has a connection of its own: a stream that waits stops all behind it.
import type { LibvirtConnection } from './connection.ts'
import { streamBroken, type LibvirtStream } from './stream.ts'
import type { Volume } from './structs.ts'

export interface StreamOptions {
  readonly signal: AbortSignal
  /** In bytes; default: from the beginning. */
  readonly offset?: bigint
  /** Download: default to the end. Upload: the most that will be taken, default whatever comes. */
  readonly length?: bigint
}

export interface VolumeStreams {
  /** Chunks as they come; who stops early ends the transfer. @throws Fault `libvirt.*` when it is not whole */
  download(vol: Volume, options: StreamOptions): AsyncIterable<Buffer>
  /** Resolves with the bytes written, when the daemon has them all. */
  upload(vol: Volume, content: AsyncIterable<Uint8Array>, options: StreamOptions): Promise<number>
}

type Connect = (signal: AbortSignal) => Promise<LibvirtConnection>

/** As much as libvirt's own client sends in one message. */
const longestPiece = 262_120

/** When `closing` aborts, so do transfers. */
export function volumeStreams(connect: Connect, closing: AbortSignal): VolumeStreams {
  const limited = (options: StreamOptions): StreamOptions => ({
    ...options,
    signal: AbortSignal.any([options.signal, closing]),
  })
  return {
    download: (vol, options) => download(connect, vol, limited(options)),
    upload: (vol, content, options) => upload(connect, vol, content, limited(options)),
  }
}

async function* download(connect: Connect, vol: Volume, options: StreamOptions): AsyncGenerator<Buffer> {
  const { signal, offset, length } = options
  const connection = await connect(signal)
  try {
    const stream = await connection.openStream('STORAGE_VOL_DOWNLOAD', { vol, offset, length }, { signal })
    for (let bytes = 0n; ;) {
      const piece = await stream.next()
      if (piece.length === 0) break
      bytes += BigInt(piece.length)
      // Whoever asked for a part of it makes room for no more.
      if (length && bytes > length)
        throw streamBroken('STORAGE_VOL_DOWNLOAD', `it sent more than the ${length} bytes that were asked for`, 'none')
      yield piece
    }
    await stream.finish()
  } finally {
    // With a transfer that was not finished it ends that, too.
    connection.close()
  }
}

async function upload(
  connect: Connect,
  vol: Volume,
  content: AsyncIterable<Uint8Array>,
  { signal, offset, length }: StreamOptions,
): Promise<number> {
  const connection = await connect(signal)
  let stream: LibvirtStream | undefined
  try {
    stream = await connection.openStream('STORAGE_VOL_UPLOAD', { vol, offset, length }, { signal })
    let bytes = 0
    for await (const chunk of content) {
      for (let at = 0; at < chunk.length; at += longestPiece) {
        await stream.send(chunk.subarray(at, at + longestPiece))
      }
      bytes += chunk.length
    }
    await stream.finish()
    return bytes
  } catch (thrown) {
    stream?.abort()
    throw thrown
  } finally {
    connection.close()
  }
}
