// lifecycle.start of a process: at most one of it runs, however often this is called.
import { operation } from '../../contract/operation.ts'
import { isAlive } from '../../guard/process-table.ts'
import { processSettings } from '../process/process-settings.ts'
import { knownProcess, rememberProcess } from '../process/running-process.ts'
import { findStarted, startProcess } from '../process/start-process.ts'

export const processStart = operation({
  async run(ctx) {
    const known = knownProcess(ctx)
    if (known && isAlive(known)) {
      ctx.log.info(`It runs already, as process ${known.pid}`)
      return { pid: known.pid }
    }
    const settings = await processSettings(ctx)
    const started = await ctx.once({
      lookUp: async (key) => findStarted(key),
      create: (key) => startProcess(ctx, settings, key),
    })
    rememberProcess(ctx, started)
    delete ctx.instance.runtimeProperties['suspended']
    await ctx.save()
    ctx.log.info(`Started as process ${started.pid}`)
    return { pid: started.pid }
  },
})
