// statistics.perfomance of a process: what all processes of its session use together.
import { operation } from '../../contract/operation.ts'
import { usageOf } from '../process/process-usage.ts'
import { membersOf, runningProcess } from '../process/running-process.ts'
import { statistic, type Statistic } from '../statistic.ts'

const sampleLength = 500

export const processStatistics = operation({
  async run(ctx) {
    const known = runningProcess(ctx)
    const { clock } = ctx.world
    const begun = clock.monotonic()
    const before = usageOf(membersOf(known))
    await clock.sleep(sampleLength, ctx.signal)
    const members = membersOf(known)
    const usage = usageOf(members)
    const busySeconds = Math.max(0, usage.cpuSeconds - before.cpuSeconds)
    const result: Record<string, Statistic> = {
      cpu: statistic((busySeconds * 100_000) / (clock.monotonic() - begun), '%'),
      cpu_time: statistic(usage.cpuSeconds, 's'),
      memory: statistic(usage.residentBytes, 'bytes'),
      processes: statistic(members.length, 'count'),
      threads: statistic(usage.threads, 'count'),
      open_files: statistic(usage.openFiles, 'count'),
    }
    if (usage.readBytes !== undefined) result['disk_read'] = statistic(usage.readBytes, 'bytes')
    if (usage.writtenBytes !== undefined) result['disk_written'] = statistic(usage.writtenBytes, 'bytes')
    return result
  },
})
