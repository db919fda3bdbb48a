// fs_prepare of a machine: file systems of its guest stand still, by a program that its tools start, with a deadman on watch.
import type { Duration } from '../../../kernel/duration.ts'
import { asFault, fault, withEffect } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { freezeOperation } from '../../contract/operation.ts'
import { notArmed } from '../../guard/launch.ts'
import { freezeScript, thawScript } from '../../guest/mounts.ts'
import { wordsOf } from '../../guest/shell.ts'
import { freezeVariable } from '../../ssh/deadman/helper.ts'
import { Guest } from '../client/guest.ts'
import { machineDeadman } from './deadman.ts'
import { armedHere, isFrozenHere, markFrozen, markThawed } from './frozen-here.ts'
import { runScript } from './guest-shell.ts'
import { FreezeInputs } from './mounts.ts'
import { cannotFreeze, findGuest, type FreezeScene } from './scene.ts'

const longestFreeze: Duration = 30_000
const thawPatience: Duration = 30_000

export const fsPrepare = freezeOperation({
  inputs: FreezeInputs,
  deadman: machineDeadman,
  gives: 'filesystem',
  async freeze(ctx, given) {
    const found = await findGuest(ctx, given as JsonObject)
    if (found.kind === 'still') return ctx.log.info(`${found.reason}: it stands still already`)
    if (found.kind === 'unasked') throw notArmed(found.reason)
    await freeze(ctx, found.scene)
    const { name } = found.scene.guest
    ctx.log.info(`File systems in the guest of ${name} stand still; snapshots of it are not quiesced meanwhile`)
  },
})

async function freeze(ctx: OperationContext, { guest, mounts, run }: FreezeScene): Promise<void> {
  const armed = armedHere(ctx)
  if (armed === undefined) throw notArmed('no deadman watches the guest')
  const { handle, end } = armed
  if (handle.run !== run) throw notArmed('the machine was started anew since')
  // Of an attempt whose outcome nobody knows, something may stand still that is not to any more.
  const mayStandStill = ctx.operation.inDoubt || isFrozenHere(ctx)
  await markFrozen(ctx, run)
  try {
    if (mayStandStill) await thawNow(guest, mounts.paths)
    const script = `export ${freezeVariable}=${handle.id}\n${freezeScript(mounts, handle.folder)}`
    const patience = Math.max(1000, Math.min(longestFreeze, end - ctx.world.clock.monotonic()))
    // Ended from outside, it could not take back what it has frozen by then.
    const result = await runScript(guest, script, { what: 'stand still', patience, ends: false })
    if (result.code === 0) return
    const reason = wordsOf(result)
    if (result.code === 3) throw cannotFreeze(guest.name, reason)
    // Whatever was frozen by then was thawed there.
    const effect = result.code === 4 || result.code === 5 ? 'none' : 'unknown'
    throw fault('freeze.refused', { details: { reason }, effect })
  } catch (thrown) {
    throw await undone(ctx, guest, mounts.paths, thrown)
  }
}

/** Whatever it is that went wrong: when it cannot be known that nothing stands still, it is thawed. */
async function undone(
  ctx: OperationContext,
  guest: Guest,
  paths: readonly string[],
  thrown: unknown,
): Promise<unknown> {
  const problem = asFault(thrown)
  const hasEffect = problem.effect !== 'none'
  try {
    // The call may have been given up: what thaws must not be given up with it.
    if (hasEffect) await thawNow(lasting(guest), paths)
  } catch {
    return thrown
  }
  // A freeze that hangs may still come to its end: it looks for its deadman then, and takes itself back when that is gone.
  if (problem.code === 'vsphere.guest_silent') return thrown
  markThawed(ctx)
  return hasEffect ? withEffect(problem, 'none') : thrown
}

const lasting = ({ vcenter, machine, name, login }: Guest): Guest =>
  new Guest(vcenter.lasting(), { machine, name, login })

/** Resolves when the guest has said that nothing of it stands still. */
export async function thawNow(guest: Guest, paths: readonly string[]): Promise<void> {
  const result = await runScript(guest, `( ${thawScript(paths)}\n)`, { what: 'go on', patience: thawPatience })
  if (result.code === 0) return
  const details = { machine: guest.name, what: 'go on', reason: wordsOf(result) }
  throw fault('vsphere.guest_failed', { details, effect: 'unknown' })
}
