// Puts a domain back to a snapshot. What it rests on is looked at before anything is touched, and what came after the cut
// stays until the domain was seen to run from the snapshot.
import { fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { hasCode } from '../client/errors.ts'
import { isOff, stateOf } from '../domain/state.ts'
import { thawGuest } from '../freeze/agent.ts'
import { freeOfCheckpoints } from './free-of-checkpoints.ts'
import { absentFiles } from './layer-files.ts'
import { restingOn } from './layers.ts'
import { putLayersBack } from './revert-layers.ts'
import { dropSavedMemory, notReverted, sceneOf, type SnapshotScene } from './snapshot-scene.ts'

/** @throws Fault `libvirt.snapshot_missing`, `libvirt.snapshot_damaged`, `libvirt.snapshot_in_use`, `libvirt.revert_risky` */
export async function snapshotApply(ctx: OperationContext, inputs: JsonObject): Promise<void> {
  const scene = await sceneOf(ctx, inputs)
  const { dom, snapshot } = scene
  if (snapshot.mode === 'internal') await turnBack(ctx, scene)
  else await putLayersBack(ctx, await checkedLayers(ctx, scene))
  ctx.log.info(`Domain ${dom.name} is back at its snapshot '${snapshot.name}'`)
}

/** Libvirt does this itself: memory and all, to the state that it was in. */
async function turnBack(ctx: OperationContext, scene: SnapshotScene): Promise<void> {
  const { hypervisor, dom, snapshot, layering } = scene
  const holder = restingOn(snapshot, layering)
  if (holder !== undefined) {
    const details = { domain: dom.name, name: snapshot.name, holder }
    throw fault('libvirt.snapshot_in_use', { details })
  }
  await freeOfCheckpoints(ctx, scene)
  await dropSavedMemory(ctx, scene)
  const { snap, state } = snapshot
  await hypervisor.call('DOMAIN_REVERT_TO_SNAPSHOT', { snap }, { signal: ctx.signal }).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'SNAPSHOT_REVERT_RISKY')) throw thrown
    const details = { domain: dom.name, name: snapshot.name }
    throw fault('libvirt.revert_risky', { details, cause: thrown })
  })
  const found = await stateOf(ctx, scene)
  const isAsRecorded = state === 'shutoff' ? isOff(found) : !isOff(found)
  if (!isAsRecorded) throw notReverted(scene, `it is ${found.state}, and was ${state}`)
  // Its memory may be that of a guest that stood still for the cut.
  const calls = hypervisor.urgent
  if (state === 'running') await thawGuest({ calls, dom }, ctx).catch(() => {})
}

/** @throws Fault `libvirt.snapshot_damaged` */
async function checkedLayers(ctx: OperationContext, scene: SnapshotScene): Promise<SnapshotScene> {
  const { hypervisor, dom, snapshot } = scene
  const files = snapshot.disks.flatMap(({ chain }) => chain)
  const absent = await absentFiles(ctx, hypervisor, files)
  const incomplete = snapshot.disks.find(({ chain }) => chain.length === 0)
  const reason =
    absent.length > 0
      ? `${absent.map((file) => `'${file}'`).join(', ')} cannot be found`
      : incomplete && `it does not say where its disk ${incomplete.target} is`
  if (reason === undefined) return scene
  throw fault('libvirt.snapshot_damaged', { details: { domain: dom.name, name: snapshot.name, reason } })
}
