// statistics.perfomance of a directory: how much lies in it, and how much room is left.
import { lstat, readdir, statfs } from 'node:fs/promises'
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { directorySettings } from '../directory/directory-settings.ts'
import { withIoFaults } from '../errors.ts'
import { statistic } from '../statistic.ts'

interface Content {
  files: number
  folders: number
  bytes: number
}

export const directoryStatistics = operation({
  async run(ctx) {
    const { path } = await directorySettings(ctx)
    return withIoFaults(path, async () => {
      const found = await lstat(path).catch(() => undefined)
      if (!found?.isDirectory()) throw fault('local.no_such_directory', { details: { path } })
      const content: Content = { files: 0, folders: 0, bytes: 0 }
      await count(ctx, Buffer.from(path), content)
      const disk = await statfs(path)
      return {
        files: statistic(content.files, 'count'),
        folders: statistic(content.folders, 'count'),
        size: statistic(content.bytes, 'bytes'),
        disk_available: statistic(disk.bavail * disk.bsize, 'bytes'),
      }
    })
  },
})

// What vanishes while we count is not counted; the directory is in use.
async function count(ctx: OperationContext, folder: Buffer, content: Content): Promise<void> {
  ctx.signal.throwIfAborted()
  for (const name of await readdir(folder, { encoding: 'buffer' }).catch(() => [])) {
    const place = Buffer.concat([folder, Buffer.from('/'), name])
    const found = await lstat(place).catch(() => undefined)
    if (found?.isDirectory()) {
      content.folders += 1
      await count(ctx, place, content)
    } else if (found) {
      content.files += 1
      content.bytes += found.size
    }
  }
}
