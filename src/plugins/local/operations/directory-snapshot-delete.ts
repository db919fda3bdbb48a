// snapshot.delete of a directory: its manifest, then every blob no other snapshot needs. Deleting what is gone succeeds.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isJsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { directorySettings } from '../directory/directory-settings.ts'
import { withIoFaults } from '../errors.ts'
import { readJson } from '../snapshot/durable-file.ts'
import { manifestName, stagingFolder, type StoreLayout } from '../snapshot/layout.ts'
import { readManifestIn } from '../snapshot/manifest.ts'
import { isRecorded, recordedPart, type RecordedPart } from '../snapshot/recorded-part.ts'
import { withStoreLock } from '../snapshot/store-lock.ts'
import { removeLeftovers, sweepObjects } from '../snapshot/sweep.ts'
import { snapshotInputs } from './snapshot-inputs.ts'

export const directorySnapshotDelete = operation({
  inputs: snapshotInputs,
  async run(ctx, inputs) {
    const { store } = await directorySettings(ctx)
    const name = inputs.snapshot_name
    await withIoFaults(store.root, async () => {
      const recorded = recordedPart(store, ctx.part)
      const found = recorded
        ? await isOurs(recorded, name)
        : { folder: await madeBy(store, ctx.operation.key), isKept: false }
      if (found.isKept) {
        return ctx.log.warning(`Snapshot '${name}' is not the one that the catalog recorded, and is kept`)
      }
      await withStoreLock(ctx, store, () => remove(ctx, store, { folder: found.folder, cutId: recorded?.cutId }))
      await removeLeftovers(store)
      ctx.log.info(found.folder === undefined ? `Nothing of '${name}' is left to delete` : `Deleted '${name}'`)
    })
  },
})

interface Found {
  /** Undefined: there is no snapshot to delete. */
  readonly folder: string | undefined
  readonly isKept: boolean
}

async function isOurs(recorded: RecordedPart, name: string): Promise<Found> {
  // One that cannot be read any more is deleted: nobody can restore it.
  const manifest = await readManifestIn(recorded.folder, name).catch(() => undefined)
  return { folder: recorded.folder, isKept: manifest !== undefined && !isRecorded(recorded, manifest) }
}

/** Without a record of the catalog this takes back a cut of its own, never somebody else's snapshot of that name. */
async function madeBy(store: StoreLayout, operationKey: string): Promise<string | undefined> {
  for (const name of await readdir(store.snapshots).catch(() => [])) {
    const folder = join(store.snapshots, name)
    const manifest = await readManifestIn(folder, name).catch(() => undefined)
    if (manifest?.operationKey === operationKey) return folder
  }
  return undefined
}

async function remove(
  ctx: OperationContext,
  store: StoreLayout,
  { folder, cutId }: { readonly folder: string | undefined; readonly cutId: string | undefined },
): Promise<void> {
  if (folder !== undefined) {
    // The manifest first: from then on there is no such snapshot, however far the rest gets.
    await rm(join(folder, manifestName), { force: true })
    await rm(folder, { recursive: true, force: true })
  }
  // A cut that is taken back may have died before it wrote down which snapshot its copies were for.
  await rm(stagingFolder(store, ctx.operation.key), { recursive: true, force: true })
  if (cutId !== undefined) await removeStaged(store, cutId)
  await sweepObjects(ctx, store)
}

async function removeStaged(store: StoreLayout, cutId: string): Promise<void> {
  for (const name of await readdir(store.staging).catch(() => [])) {
    const staging = join(store.staging, name)
    const cut = await readJson(join(staging, 'cut.json')).catch(() => undefined)
    if (cut !== undefined && isJsonObject(cut) && cut['cutId'] === cutId)
      await rm(staging, { recursive: true, force: true })
  }
}
