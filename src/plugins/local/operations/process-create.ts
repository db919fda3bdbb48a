// lifecycle.create of a process: its own folder, with the blueprint files it names.
import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { operation } from '../../contract/operation.ts'
import { withIoFaults } from '../errors.ts'
import { blueprintFiles, processFolder } from '../process/process-settings.ts'
import { badProperty } from '../process/property-readers.ts'

export const processCreate = operation({
  async run(ctx) {
    const folder = processFolder(ctx)
    await withIoFaults(folder, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      for (const path of await blueprintFiles(ctx)) {
        if (normalize(path).startsWith('..')) badProperty('files', `'${path}' leaves the blueprint's folder`)
        const target = join(folder, path)
        await mkdir(dirname(target), { recursive: true })
        await copyFile(await ctx.blueprintFile(path), target)
      }
    })
    ctx.instance.runtimeProperties['folder'] = folder
  },
})
