// lifecycle.delete of a directory: only what create made. Its snapshots stay; remove_backup is what deletes those.
import { operation } from '../../contract/operation.ts'
import { directorySettings } from '../directory/directory-settings.ts'
import { withIoFaults } from '../errors.ts'
import { removeTree } from '../snapshot/remove-tree.ts'
import { swapPlaces } from '../snapshot/swap.ts'

export const directoryDelete = operation({
  async run(ctx) {
    const { path } = await directorySettings(ctx)
    const properties = ctx.instance.runtimeProperties
    // A restore that was killed while it built its new tree leaves that beside the directory.
    await withIoFaults(path, () => removeTree(swapPlaces(path).fresh))
    if (properties['created'] === true) await withIoFaults(path, () => removeTree(path))
    else ctx.log.info(`'${path}' was there before and is left`)
    for (const name of ['created', 'path', 'snapshots']) delete properties[name]
  },
})
