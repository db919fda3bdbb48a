// snapshot.delete of a directory: its manifest, then every blob no other snapshot needs. Deleting what is gone succeeds.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isJsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { directorySettings } from '../directory/directory-settings.ts'
import { withIoFaults } from '../errors.ts'
import { readJson } from '../snapshot/durable-file.ts'
import { manifestPath, snapshotFolder, stagingFolder, type StoreLayout } from '../snapshot/layout.ts'
import { readManifest, type SealedManifest } from '../snapshot/manifest.ts'
import { isRecorded } from '../snapshot/recorded-part.ts'
import { withStoreLock } from '../snapshot/store-lock.ts'
import { removeLeftovers, sweepObjects } from '../snapshot/sweep.ts'
import { snapshotInputs } from './snapshot-inputs.ts'

export const directorySnapshotDelete = operation({
  inputs: snapshotInputs,
  async run(ctx, inputs) {
    const { store } = await directorySettings(ctx)
    await withIoFaults(store.root, async () => {
      // One that cannot be read any more is deleted by its name: nobody can restore it.
      const found = await readManifest(store, inputs.snapshot_name).catch(() => undefined)
      if (found && !mayDelete(ctx, found)) {
        return ctx.log.warning(`Snapshot '${found.name}' is not the one that the catalog recorded, and is kept`)
      }
      await withStoreLock(ctx, store, () => remove(ctx, store, inputs.snapshot_name))
      await removeLeftovers(store)
      ctx.log.info(`Deleted '${inputs.snapshot_name}'`)
    })
  },
})

// Without a record of the catalog this takes back a cut of its own, never somebody else's snapshot of that name.
function mayDelete(ctx: OperationContext, found: SealedManifest): boolean {
  return ctx.part === undefined ? found.operationKey === ctx.operation.key : isRecorded(ctx, found)
}

async function remove(ctx: OperationContext, store: StoreLayout, name: string): Promise<void> {
  // The manifest first: from then on there is no such snapshot, however far the rest gets.
  await rm(manifestPath(store, name), { force: true })
  await rm(snapshotFolder(store, name), { recursive: true, force: true })
  // A cut that is taken back may have died before it wrote down which snapshot its copies were for.
  await rm(stagingFolder(store, ctx.operation.key), { recursive: true, force: true })
  for (const folder of await readdir(store.staging).catch(() => [])) {
    const staging = join(store.staging, folder)
    const cut = await readJson(join(staging, 'cut.json')).catch(() => undefined)
    if (cut !== undefined && isJsonObject(cut) && cut['name'] === name)
      await rm(staging, { recursive: true, force: true })
  }
  await sweepObjects(ctx, store)
}
