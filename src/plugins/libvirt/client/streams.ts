// Contents of volumes, up and down.
import type { CallOptions } from './connection.ts'
import type { Volume } from './structs.ts'

export interface DownloadOptions extends CallOptions {
  readonly offset?: bigint
  /** Default: to the end. */
  readonly length?: bigint
}

export interface UploadOptions extends CallOptions {
  readonly offset?: bigint
  /** The most that will be taken; default: whatever comes. */
  readonly length?: bigint
}

export interface VolumeStreams {
  /** Chunks as they come; who stops early ends the transfer. @throws Fault `libvirt.*` when it is not whole. */
  download(vol: Volume, options: DownloadOptions): AsyncIterable<Buffer>
  /** Resolves with the bytes written, when the daemon has them all. */
  upload(vol: Volume, content: AsyncIterable<Uint8Array>, options: UploadOptions): Promise<number>
}
