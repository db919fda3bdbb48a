// freeze.fs_prepare of a process: prepare hook, SIGSTOP, read back. Only with a guard on watch.
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { freezeOperation } from '../../contract/operation.ts'
import { isOnWatch } from '../../guard/handle.ts'
import { guardOf, processDeadman } from '../deadman.ts'
import { runProcessHook } from '../process/process-hook.ts'
import { processSettings } from '../process/process-settings.ts'
import { isDownAndMayBe, runningProcess } from '../process/running-process.ts'
import { allStopped, continueAll, stopAll } from '../process/stop-and-continue.ts'
import { isSuspended } from '../process/suspension.ts'

export const processFreeze = freezeOperation({
  deadman: processDeadman,
  // It was told by its prepare hook where it needs to be told, and stands still.
  gives: 'application',
  async freeze(ctx) {
    if (isDownAndMayBe(ctx)) return void ctx.log.info('It does not run, and so stands still already')
    const known = runningProcess(ctx)
    if (isSuspended(ctx)) return void ctx.log.info('It is suspended, and so stands still already')
    requireGuard(ctx)
    const { prepare } = await processSettings(ctx)
    // Stopped already: by an earlier attempt of ours, which ran the hook; a stopped process could not answer it now.
    if (prepare && !allStopped(known)) await runProcessHook(ctx, 'prepare', prepare)
    await stopAll(ctx, known)
    // The guard gives up its record before it lets the process go on, so one look after the stop is enough: either the
    // guard has fired by now and nobody else would ever thaw this, or its thaw is still to come.
    if (isOnWatch(guardOf(ctx))) return
    await continueAll(ctx, known)
    throw fault('freeze.refused', { details: { reason: 'its guard ended before the process had stopped' } })
  },
})

function requireGuard(ctx: OperationContext): void {
  if (isOnWatch(guardOf(ctx))) return
  throw fault('freeze.not_armed', { details: { reason: 'no guard watches the process' } })
}
