// Tells by its first bytes what a file is; its name decides only where bytes cannot.
import { fault } from '../../kernel/fault.ts'

export type SourceFormat = 'zip' | 'tar' | 'tar.gz' | 'yaml'

const magic: readonly (readonly [SourceFormat | { readonly refused: string }, readonly number[], number])[] = [
  ['zip', [0x50, 0x4b, 0x03, 0x04], 0],
  ['zip', [0x50, 0x4b, 0x05, 0x06], 0],
  ['tar.gz', [0x1f, 0x8b], 0],
  ['tar', [0x75, 0x73, 0x74, 0x61, 0x72], 257],
  [{ refused: 'it is packed with bzip2' }, [0x42, 0x5a, 0x68], 0],
  [{ refused: 'it is packed with xz' }, [0xfd, 0x37, 0x7a, 0x58, 0x5a], 0],
  [{ refused: 'it is packed with zstd' }, [0x28, 0xb5, 0x2f, 0xfd], 0],
  [{ refused: 'it is packed with 7-Zip' }, [0x37, 0x7a, 0xbc, 0xaf], 0],
  [{ refused: 'it is packed with RAR' }, [0x52, 0x61, 0x72, 0x21], 0],
]

/** How many first bytes `sourceFormat` wants to see. */
export const formatBytes = 512

/** @throws Fault `archive.unreadable` for packings we do not read. */
export function sourceFormat(path: string, head: Buffer): SourceFormat {
  for (const [format, bytes, offset] of magic) {
    if (!bytes.every((byte, position) => head[offset + position] === byte)) continue
    if (typeof format === 'string') return format
    throw unreadable(path, format.refused)
  }
  // Tars from before 1988 carry no mark.
  if (/\.tar$/i.test(path)) return 'tar'
  if (/\.(zip|wgn|tgz|tar\.\w+|tbz2?|txz)$/i.test(path)) throw unreadable(path, 'its content is not what its name says')
  if (head.includes(0)) throw unreadable(path, 'it is neither text nor an archive')
  return 'yaml'
}

export function unreadable(path: string, reason: string, cause?: unknown): Error {
  return fault('archive.unreadable', { details: { archive: path, reason }, cause })
}
