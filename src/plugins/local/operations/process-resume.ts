// freeze.resume of a process: lets it go on, unless it stood still before it was suspended.
import { operation } from '../../contract/operation.ts'
import { processPower } from '../process/process-power.ts'
import { runningProcess } from '../process/running-process.ts'
import { continueAll } from '../process/stop-and-continue.ts'
import { forgetSuspension, foundBySuspend } from '../process/suspension.ts'

export const processResume = operation({
  power: processPower,
  async run(ctx) {
    const known = runningProcess(ctx)
    if (foundBySuspend(ctx) === 'stopped') {
      ctx.log.info(`Process ${known.pid} stood still before it was suspended and is left so`)
    } else {
      await continueAll(ctx, known)
      ctx.log.info(`Resumed process ${known.pid}`)
    }
    forgetSuspension(ctx)
  },
})
