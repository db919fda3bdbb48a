// freeze.suspend of a process: stops it until resume, however long that takes.
import { operation } from '../../contract/operation.ts'
import { processPower } from '../process/process-power.ts'
import { runningProcess } from '../process/running-process.ts'
import { allStopped, stopAll } from '../process/stop-and-continue.ts'
import { isSuspended, rememberSuspension } from '../process/suspension.ts'

export const processSuspend = operation({
  power: processPower,
  async run(ctx) {
    const known = runningProcess(ctx)
    // Durable before the signal: an attempt after a crash would take our own stop for what it found.
    if (!isSuspended(ctx)) {
      rememberSuspension(ctx, allStopped(known) ? 'stopped' : 'running')
      await ctx.save()
    }
    await stopAll(ctx, known)
    ctx.log.info(`Suspended process ${known.pid}`)
  },
})
