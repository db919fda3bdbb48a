// The deadman of what scripts freeze: inside the host where they run there, beside us otherwise.
import type { Deadman } from '../../contract/deadman.ts'
import { guestDeadman } from '../../ssh/deadman/guest-deadman.ts'
import { guestHandleFrom } from '../../ssh/deadman/handle.ts'
import { hostOf } from '../../ssh/host/host-of.ts'
import { scriptDeadman } from '../deadman.ts'
import { scriptForDeadman } from './run-on-host.ts'
import { runsOnHost } from './where.ts'

const hostDeadman = guestDeadman({
  async thawOf(ctx, finalize) {
    if (!finalize) return 'the node has no fs_finalize'
    const isScript = /(?:^|--)script$/.test(finalize.plugin) && finalize.operation.endsWith('tasks.run')
    if (!isScript || !runsOnHost(ctx, finalize.executor ?? ctx.operation.executor))
      return 'its fs_finalize is no script that runs on the host'
    const { files, line } = await scriptForDeadman(ctx, finalize.inputs)
    return { settings: await hostOf(ctx), files, script: `top=$PWD\n${line}\n` }
  },
  settingsOf: (ctx) => hostOf(ctx),
})

/** By where the script runs; what is armed already is known by its handle. */
export const deadmanOfScripts: Deadman = {
  kind: 'host',
  probe: async (ctx, finalize) =>
    (await (runsOnHost(ctx) ? hostDeadman : scriptDeadman).probe?.(ctx, finalize)) ?? {
      kind: 'none',
      longestHold: null,
      reason: null,
    },
  arm: (ctx, request) => (runsOnHost(ctx) ? hostDeadman : scriptDeadman).arm(ctx, request),
  extend: async (ctx, handle, lease, finalize) =>
    (await (guestHandleFrom(handle) ? hostDeadman : scriptDeadman).extend?.(ctx, handle, lease, finalize)) ?? handle,
  disarm: (ctx, handle, finalize) =>
    (guestHandleFrom(handle) ? hostDeadman : scriptDeadman).disarm(ctx, handle, finalize),
}
