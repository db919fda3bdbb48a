// statistics.perfomance of this machine: load, memory, uptime, and the disk our state lies on.
import { readFile, statfs } from 'node:fs/promises'
import { operation } from '../../contract/operation.ts'
import { withIoFaults } from '../errors.ts'
import { statistic } from '../statistic.ts'

export const hostStatistics = operation({
  async run(ctx) {
    return withIoFaults('/proc', async () => {
      const [load1, load5, load15] = (await readFile('/proc/loadavg', 'utf8')).split(' ').map(Number)
      const [uptime] = (await readFile('/proc/uptime', 'utf8')).split(' ').map(Number)
      const memory = await memoryFigures()
      const disk = await statfs(ctx.stateDirectory)
      return {
        load_1: statistic(load1 ?? 0, 'processes'),
        load_5: statistic(load5 ?? 0, 'processes'),
        load_15: statistic(load15 ?? 0, 'processes'),
        uptime: statistic(uptime ?? 0, 's'),
        memory_total: statistic(memory('MemTotal'), 'bytes'),
        memory_available: statistic(memory('MemAvailable'), 'bytes'),
        disk_total: statistic(disk.blocks * disk.bsize, 'bytes'),
        disk_available: statistic(disk.bavail * disk.bsize, 'bytes'),
      }
    })
  },
})

async function memoryFigures(): Promise<(name: string) => number> {
  const text = await readFile('/proc/meminfo', 'utf8')
  return (name) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024
}
