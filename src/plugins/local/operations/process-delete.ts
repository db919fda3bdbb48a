// lifecycle.delete of a process: takes its folder away again.
import { rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { operation } from '../../contract/operation.ts'
import { withIoFaults } from '../errors.ts'
import { processFolder } from '../process/process-settings.ts'

export const processDelete = operation({
  async run(ctx) {
    const folder = processFolder(ctx)
    await withIoFaults(folder, () => rm(folder, { recursive: true, force: true }))
    // Not empty while other instances live.
    await rmdir(dirname(folder)).catch(() => undefined)
    delete ctx.instance.runtimeProperties['folder']
  },
})
