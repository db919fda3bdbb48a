// Disks for simulations, used again and again: to make the tables takes longer than most runs. What a run needs of the
// machine is loaded before the first, for nothing may be read from it while one is under way.
import { openMemoryDisk, type MemoryDisk } from '../../store/sqlite/memory.ts'

const free: MemoryDisk[] = []
let loaded: Promise<unknown> | undefined

export async function takeDisk(): Promise<MemoryDisk> {
  loaded ??= Promise.all([
    import('../executions.ts'),
    import('../execution-queries.ts'),
    import('../queries.ts'),
    import('../secrets.ts'),
  ])
  await loaded
  const disk = free.pop() ?? openMemoryDisk()
  disk.clear()
  return disk
}

export function giveBackDisk(disk: MemoryDisk): void {
  free.push(disk)
}
