// snapshot.create of a directory: copy while it stands still, digests and manifest afterwards.
import { fault } from '../../../kernel/fault.ts'
import { cutOperation } from '../../contract/operation.ts'
import { directorySettings } from '../directory/directory-settings.ts'
import { requireDirectory } from '../directory/require-directory.ts'
import { withIoFaults } from '../errors.ts'
import { checkPart } from '../snapshot/check-part.ts'
import { cutDirectory } from '../snapshot/cut.ts'
import { snapshotFolder } from '../snapshot/layout.ts'
import { readManifest } from '../snapshot/manifest.ts'
import { settleCut } from '../snapshot/settle.ts'
import { snapshotInputs } from './snapshot-inputs.ts'

const kind = 'directory-snapshot'

export const directorySnapshotCreate = cutOperation({
  inputs: snapshotInputs,

  async cut(ctx, inputs) {
    const settings = await directorySettings(ctx)
    const { path, store } = settings
    const name = inputs.snapshot_name
    // No `parentId`: an incremental snapshot shares contents with others, and none of them rests on another.
    return withIoFaults(path, async () => {
      await requireDirectory(ctx, settings)
      const taken = await readManifest(store, name)
      if (taken && taken.operationKey !== ctx.operation.key) throw exists(name, path)
      const cut = await cutDirectory(ctx, settings, { name, isIncremental: inputs.snapshot_incremental ?? true })
      return { kind, providerId: snapshotFolder(store, name), name, cutId: cut.cutId }
    })
  },

  async settle(ctx, receipt) {
    const { path, store } = await directorySettings(ctx)
    return withIoFaults(path, async () => {
      const wanted = { name: String(receipt['name']), cutId: String(receipt['cutId']) }
      const manifest = await settleCut(ctx, store, wanted)
      ctx.log.info(`Saved ${manifest.entries.length} entries, ${manifest.bytes} bytes, as '${manifest.name}'`)
      return { ...receipt, kind, providerId: receipt.providerId, bytes: manifest.bytes, digest: manifest.digest }
    })
  },

  async verify(ctx, part) {
    const { path, store } = await directorySettings(ctx)
    return withIoFaults(path, () => checkPart(ctx, store, part))
  },
})

const exists = (name: string, path: string): Error => fault('local.snapshot_exists', { details: { name, path } })
