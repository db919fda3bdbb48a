// What thaws the guest of a machine when nobody else does: a script in its memory, put there by its tools before the freeze. From
// then on it needs neither the tools nor the vCenter.
import { fault } from '../../../kernel/fault.ts'
import type { Duration, Instant } from '../../../kernel/duration.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Deadman, DeadmanFinalize, DeadmanHandle, DeadmanProbe, DeadmanRequest } from '../../contract/deadman.ts'
import { notArmed } from '../../guard/launch.ts'
import { armedPlaceIn, firingIn, toldFiring } from '../../guest/answers.ts'
import { chooseMounts, thawScript } from '../../guest/mounts.ts'
import { wordsOf } from '../../guest/shell.ts'
import { instanceName } from '../../ssh/deadman/handle.ts'
import { armScript, disarmScript, extendScript, probeScript } from '../../ssh/deadman/scripts.ts'
import { forgetArmed, setArmed } from './frozen-here.ts'
import { runScript } from './guest-shell.ts'
import { machineGuestHandleFrom } from './handle.ts'
import { cannotFreeze, findGuest, type Found, type FreezeScene } from './scene.ts'

const armPatience: Duration = 20_000
const disarmPatience: Duration = 60_000

export const machineDeadman: Deadman = { kind: 'guest', probe, arm, extend, disarm }

async function probe(ctx: OperationContext, finalize?: DeadmanFinalize): Promise<DeadmanProbe> {
  const found = await findGuest(ctx, inputsOf(finalize))
  if (found.kind === 'unasked') return { ...none(found.reason), isUnasked: true }
  if (found.kind === 'still') return { ...none(found.reason), isStill: true }
  const { guest, mounts } = found.scene
  const script = `( ${chooseMounts(mounts)}\n) || exit 3\n${probeScript}`
  const result = await runScript(guest, script, { what: 'take a look', patience: armPatience })
  if (result.code !== 0) throw cannotFreeze(guest.name, wordsOf(result))
  return { kind: 'guest', longestHold: null, reason: null }
}

const none = (reason: string): DeadmanProbe => ({ kind: 'none', longestHold: null, reason })

/** What the node's own fs_finalize is given says what is thawed. */
const inputsOf = (finalize: DeadmanFinalize | undefined): JsonObject =>
  finalize?.plugin === 'vsphere' && finalize.operation.endsWith('.fs_finalize') ? finalize.inputs : {}

async function arm(ctx: OperationContext, request: DeadmanRequest): Promise<DeadmanHandle> {
  const { guest, mounts, run } = sceneIn(await findGuest(ctx, inputsOf(request.finalize)))
  const id = ctx.world.randomText(16, 'abcdefghijklmnopqrstuvwxyz0123456789')
  const { lease } = request
  const script = armScript({
    instance: instanceName(ctx),
    id,
    lease,
    maximum: request.maximum ?? lease,
    thaw: thawScript(mounts.paths),
    files: {},
  })
  const end = ctx.world.clock.monotonic() + lease
  const result = await runScript(guest, script, { what: 'take a deadman in', patience: armPatience, isTold: true })
  const place = armedPlaceIn(result.stdout, ctx.world.clock.now())
  const handle = machineGuestHandleFrom({ kind: 'vsphere-guest', token: request.token, id, ...place, run })
  if (result.code !== 0 || !handle) throw notArmed(wordsOf(result))
  setArmed(ctx, handle, end)
  return handle
}

async function extend(
  ctx: OperationContext,
  given: DeadmanHandle,
  lease: Duration,
  finalize?: DeadmanFinalize,
): Promise<DeadmanHandle> {
  const handle = machineGuestHandleFrom(given)
  if (!handle) throw notArmed('the handle is that of no deadman in a guest')
  const { guest } = sceneIn(await findGuest(ctx, inputsOf(finalize)))
  const name = ctx.world.randomText(12, 'abcdefghijklmnopqrstuvwxyz')
  const end = ctx.world.clock.monotonic() + lease
  const options = { what: 'give its deadman more time', patience: armPatience }
  const result = await runScript(guest, extendScript(handle, name, lease), options)
  if (result.code !== 0) throw notArmed('it did not grant more time')
  setArmed(ctx, handle, end)
  return handle
}

async function disarm(
  ctx: OperationContext,
  given: DeadmanHandle,
  finalize?: DeadmanFinalize,
): Promise<{ readonly firedAt: Instant | null }> {
  const handle = machineGuestHandleFrom(given)
  if (!handle) return { firedAt: null }
  // Where nothing runs, its memory is gone, and with it the deadman: as when what is put back takes the machine's place.
  const found = await findGuest(ctx, inputsOf(finalize), true)
  const firedAt = found.kind === 'guest' ? await disarmIn(ctx, found.scene, handle) : null
  forgetArmed(ctx, handle)
  return { firedAt }
}

async function disarmIn(
  ctx: OperationContext,
  { guest, run }: FreezeScene,
  handle: NonNullable<ReturnType<typeof machineGuestHandleFrom>>,
): Promise<Instant | null> {
  if (run !== handle.run) return null
  const what = 'end its deadman'
  const result = await runScript(guest, disarmScript(handle), { what, patience: disarmPatience, isTold: true })
  const firing = firingIn(result)
  if (firing === undefined) {
    const details = { machine: guest.name, what, reason: wordsOf(result) }
    throw fault('vsphere.guest_failed', { details, effect: 'none' })
  }
  return firing === null ? null : toldFiring(ctx, firing, handle.clockOffset)
}

function sceneIn(found: Found): FreezeScene {
  if (found.kind === 'guest') return found.scene
  throw notArmed(found.reason)
}
