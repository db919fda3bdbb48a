// Content of files: its digest, and the place it is kept at.
import { createHash } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { objectPath } from './layout.ts'

const chunkLength = 256 * 1024

/** Digest and length of a file. `isSynced`: its content is on disk before this resolves. */
export async function digestFile(
  path: string | Buffer,
  options: { readonly signal: AbortSignal; readonly isSynced?: boolean },
): Promise<{ readonly digest: string; readonly size: number }> {
  await using file = await open(path, 'r')
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(chunkLength)
  let size = 0
  for (;;) {
    options.signal.throwIfAborted()
    const { bytesRead } = await file.read(buffer, 0, chunkLength, null)
    if (bytesRead === 0) break
    hash.update(buffer.subarray(0, bytesRead))
    size += bytesRead
  }
  if (options.isSynced) await file.datasync()
  return { digest: `sha256:${hash.digest('hex')}`, size }
}

/** Moves a file to where its digest says. What lies there already is replaced: it may have rotted, this has just been read. */
export async function keepBlob(objects: string, digest: string, path: string): Promise<void> {
  const place = objectPath(objects, digest)
  await mkdir(dirname(place), { recursive: true, mode: 0o700 })
  await rename(path, place)
}
