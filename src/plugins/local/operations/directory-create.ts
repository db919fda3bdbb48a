// lifecycle.create of a directory: makes it where it is not there, and remembers that it did.
import { mkdir, stat } from 'node:fs/promises'
import { fault } from '../../../kernel/fault.ts'
import { operation } from '../../contract/operation.ts'
import { directorySettings } from '../directory/directory-settings.ts'
import { withIoFaults } from '../errors.ts'

export const directoryCreate = operation({
  async run(ctx) {
    const { path, store } = await directorySettings(ctx)
    const properties = ctx.instance.runtimeProperties
    await withIoFaults(path, async () => {
      const found = await stat(path).catch(() => undefined)
      if (found && !found.isDirectory()) throw notADirectory(path)
      if (!found) {
        // Durable before it is made: an attempt after a crash would take our own directory for one that was there.
        properties['created'] = true
        await ctx.save()
        await mkdir(path, { recursive: true })
      }
    })
    properties['path'] = path
    properties['snapshots'] = store.root
  },
})

const notADirectory = (path: string): Error =>
  fault('local.bad_property', { details: { property: 'path', reason: `'${path}' is there and is no directory` } })
