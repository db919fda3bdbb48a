// lifecycle.stop of a process: SIGTERM to all of its session, SIGKILL after the time-out, read back as gone.
import { formatDuration, seconds, type Duration } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { signalGroups } from '../../guard/process-table.ts'
import { processSettings } from '../process/process-settings.ts'
import { knownProcess, membersOf, type KnownProcess } from '../process/running-process.ts'

const killPatience = seconds(5)

export const processStop = operation({
  async run(ctx) {
    const known = knownProcess(ctx)
    if (!known || membersOf(known).length === 0) {
      ctx.log.info('It does not run')
    } else {
      const { stopTimeout } = await processSettings(ctx)
      await stop(ctx, known, stopTimeout)
      ctx.log.info(`Stopped process ${known.pid}`)
    }
    for (const name of ['process', 'suspended']) delete ctx.instance.runtimeProperties[name]
  },
})

async function stop(ctx: OperationContext, known: KnownProcess, patience: Duration): Promise<void> {
  signalGroups(membersOf(known), 'SIGTERM')
  // A stopped process cannot act on its SIGTERM.
  signalGroups(membersOf(known), 'SIGCONT')
  if (await isGoneWithin(ctx, known, patience)) return
  ctx.log.warning(`Process ${known.pid} did not end within ${formatDuration(patience)} and is killed`)
  signalGroups(membersOf(known), 'SIGKILL')
  if (await isGoneWithin(ctx, known, killPatience)) return
  throw fault('local.stop_failed', { details: { pid: known.pid, limit: formatDuration(patience + killPatience) } })
}

async function isGoneWithin(ctx: OperationContext, known: KnownProcess, patience: Duration): Promise<boolean> {
  const { clock } = ctx.world
  const end = clock.monotonic() + patience
  for (;;) {
    if (membersOf(known).length === 0) return true
    if (clock.monotonic() > end) return false
    await clock.sleep(20, ctx.signal)
  }
}
