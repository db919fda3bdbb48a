// snapshot.apply of a directory: verify everything, build beside, then swap. A damaged snapshot changes nothing.
import { lstat, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { directorySettings, type DirectorySettings } from '../directory/directory-settings.ts'
import { withIoFaults } from '../errors.ts'
import { removeTree } from '../snapshot/remove-tree.ts'
import { buildTree } from '../snapshot/build-tree.ts'
import { objectsIn } from '../snapshot/layout.ts'
import { damaged, readManifestIn, type SealedManifest } from '../snapshot/manifest.ts'
import { folderOf, isRecorded, recordedPart } from '../snapshot/recorded-part.ts'
import { withStoreLock } from '../snapshot/store-lock.ts'
import { recoverSwap, swap, swapPlaces } from '../snapshot/swap.ts'
import { verifySnapshot } from '../snapshot/verify.ts'
import { snapshotInputs } from './snapshot-inputs.ts'

export const directorySnapshotApply = operation({
  inputs: snapshotInputs,
  async run(ctx, inputs) {
    const settings = await directorySettings(ctx)
    const { path, store } = settings
    const name = inputs.snapshot_name
    await withIoFaults(path, async () => {
      const recorded = recordedPart(store, ctx.part)
      const folder = folderOf(store, name, recorded)
      const manifest = await readManifestIn(folder, name)
      if (!manifest) throw fault('local.snapshot_missing', { details: { name, path } })
      if (!isRecorded(recorded, manifest)) throw damaged(name, 'it is not the one that the catalog recorded')
      const objects = objectsIn(store, folder, manifest.isIncremental)
      await verifySnapshot(ctx, manifest, objects)
      ctx.log.debug('Every content is as it was saved')
      await withStoreLock(ctx, store, () => replace(ctx, settings, { manifest, objects }))
      ctx.log.info(`Restored ${manifest.entries.length} entries, ${manifest.bytes} bytes, from '${name}'`)
    })
  },
})

async function replace(
  ctx: OperationContext,
  { path, store }: DirectorySettings,
  { manifest, objects }: { readonly manifest: SealedManifest; readonly objects: string },
): Promise<void> {
  const places = swapPlaces(path)
  await recoverSwap(store, places)
  await refuseFile(path)
  await mkdir(dirname(path), { recursive: true })
  try {
    await buildTree(ctx, manifest, objects, places.fresh)
  } catch (thrown) {
    await removeTree(places.fresh)
    throw thrown
  }
  await swap(ctx, store, places)
}

async function refuseFile(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined || found.isDirectory()) return
  throw fault('local.io', { details: { path, reason: 'it is not a directory' }, retry: 'never' })
}
