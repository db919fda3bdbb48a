// Reads every content of a snapshot and compares it with its digest.
import type { OperationContext } from '../../contract/context.ts'
import { shownPath } from '../directory/raw-path.ts'
import { hasCode } from '../../guard/process-table.ts'
import { digestFile } from './blob.ts'
import { inParallel } from './in-parallel.ts'
import { objectPath } from './layout.ts'
import { damaged, type FileEntry, type SealedManifest } from './manifest.ts'

const filesAtOnce = 4

/** @throws Fault `local.snapshot_damaged` naming the first file that is not as it was saved */
export async function verifySnapshot(ctx: OperationContext, manifest: SealedManifest, objects: string): Promise<void> {
  const files = manifest.entries.filter((entry) => entry.type === 'file')
  const oneOfEach = new Map(files.map((entry) => [entry.digest, entry]))
  await inParallel(oneOfEach.values(), filesAtOnce, (entry) => verifyFile(ctx, manifest.name, objects, entry))
}

async function verifyFile(ctx: OperationContext, name: string, objects: string, entry: FileEntry): Promise<void> {
  try {
    const { digest, size } = await digestFile(objectPath(objects, entry.digest), { signal: ctx.signal })
    if (size !== entry.size)
      throw damaged(name, `the content of '${shownPath(entry.path)}' has ${size} bytes, not ${entry.size}`)
    if (digest !== entry.digest) throw damaged(name, `the content of '${shownPath(entry.path)}' is not what was saved`)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) throw damaged(name, `the content of '${shownPath(entry.path)}' is missing`)
    throw thrown
  }
}
