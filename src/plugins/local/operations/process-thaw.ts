// freeze.fs_finalize of a process: SIGCONT, read back, finalize hook.
import { thawOperation } from '../../contract/operation.ts'
import { isAlive } from '../../guard/process-table.ts'
import { runProcessHook } from '../process/process-hook.ts'
import { processSettings } from '../process/process-settings.ts'
import { isDownAndMayBe, knownProcess } from '../process/running-process.ts'
import { continueAll } from '../process/stop-and-continue.ts'
import { isSuspended } from '../process/suspension.ts'

export const processThaw = thawOperation({
  async thaw(ctx) {
    const known = knownProcess(ctx)
    if (!known || isSuspended(ctx) || isDownAndMayBe(ctx)) return
    await continueAll(ctx, known)
    if (!isAlive(known)) return ctx.log.warning(`Process ${known.pid} has ended while it was frozen`)
    const { finalize } = await processSettings(ctx)
    if (finalize) await runProcessHook(ctx, 'finalize', finalize)
  },
})
