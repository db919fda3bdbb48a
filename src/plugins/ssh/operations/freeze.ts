// ssh.freeze: file systems of a host stand still, with a deadman on watch inside of it.
import { fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { DeadmanFinalize } from '../../contract/deadman.ts'
import { freezeOperation } from '../../contract/operation.ts'
import { unlessDown } from '../deadman/down.ts'
import { armedGuest, guestDeadman, runScript } from '../deadman/guest-deadman.ts'
import { freezeVariable } from '../deadman/helper.ts'
import { hostOf } from '../host/host-of.ts'
import { withHost } from '../host/shared-connections.ts'
import { freezeScript, thawScript } from '../../guest/mounts.ts'
import { MountInputs, mountsOf, type GivenMounts } from './mounts.ts'

const mountDeadman = guestDeadman({
  async thawOf(ctx, finalize) {
    const inputs = thawInputs(finalize)
    const { paths } = await mountsOf(ctx, inputs)
    return { settings: await hostOf(ctx, inputs.host as JsonObject | undefined), script: thawScript(paths) }
  },
  settingsOf: (ctx, finalize) => hostOf(ctx, thawInputs(finalize).host as JsonObject | undefined),
})

export const freeze = freezeOperation({
  inputs: MountInputs,
  deadman: mountDeadman,
  gives: 'filesystem',
  freeze: (ctx, inputs) => freezeMounts(ctx, inputs),
})

async function freezeMounts(ctx: OperationContext, inputs: GivenMounts): Promise<void> {
  const mounts = await mountsOf(ctx, inputs)
  const settings = await hostOf(ctx, inputs.host as JsonObject | undefined)
  const result = await unlessDown(ctx, settings, () =>
    withHost(settings, ctx, async (connection) => {
      const deadman = armedGuest(ctx)
      if (!deadman) throw fault('freeze.not_armed', { details: { reason: 'no deadman watches the host' } })
      const env = { [freezeVariable]: deadman.id }
      return runScript(ctx, connection, settings, freezeScript(mounts, deadman.folder), { env })
    }),
  )
  if (result === undefined || result.code === 0) return
  const reason = result.stderr.toString('utf8').trim().slice(-1000) || `exit code ${result.code ?? result.signal}`
  // Whatever was frozen by then was thawed there.
  const isOver = [3, 4, 5].includes(result.code ?? -1)
  if (result.code === 3) throw fault('ssh.cannot_freeze', { details: { reason } })
  throw fault('freeze.refused', { details: { reason }, effect: isOver ? 'none' : 'unknown' })
}

/** What the node's own fs_finalize is given says what is thawed; another finalize than ours thaws what was frozen, too. */
function thawInputs(finalize: DeadmanFinalize | undefined): GivenMounts {
  return finalize?.plugin === 'ssh' && finalize.operation === 'thaw' ? (finalize.inputs as GivenMounts) : {}
}
