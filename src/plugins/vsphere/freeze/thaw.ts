// fs_finalize of a machine: the file systems of its guest go on, as the guest itself says. A guest that does not run, or was
// started anew, or was never frozen, stands still no more.
import { Fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { thawOperation } from '../../contract/operation.ts'
import { thawNow } from './freeze.ts'
import { frozenRun, markThawed } from './frozen-here.ts'
import { FreezeInputs } from './mounts.ts'
import { findGuest, type FreezeScene } from './scene.ts'

export const fsFinalize = thawOperation({
  inputs: FreezeInputs,
  async thaw(ctx, given) {
    // One that is gone or off does not stand still: for that it is asked as what is put back.
    const found = await findGuest(ctx, given as JsonObject, true)
    if (found.kind === 'guest') await thaw(ctx, found.scene)
    else if (frozenRun(ctx) !== undefined) ctx.log.info(`${found.reason}: nothing of it stands still`)
    markThawed(ctx)
  },
})

async function thaw(ctx: OperationContext, { guest, mounts, run }: FreezeScene): Promise<void> {
  const last = frozenRun(ctx)
  if (last !== undefined && last !== run) return
  try {
    await thawNow(guest, mounts.paths)
  } catch (thrown) {
    // Nothing of ours stands still there, and so nobody need answer.
    if (last !== undefined || !(thrown instanceof Fault)) throw thrown
    ctx.log.warning(`It was not frozen by us, and could not be asked: ${thrown.message}`)
  }
}
