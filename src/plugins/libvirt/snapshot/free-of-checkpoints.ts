// Going back inside the disks, and what backups know of them: QEMU does not load a snapshot past a checkpoint, nor past the
// bitmap that a forgotten one has left; it ends and leaves the domain off. Those of our backups go first, for what changed
// since then will not be known anyway.
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { endChain } from '../backup/chain.ts'
import { checkpointNames, deleteCheckpoint } from '../backup/checkpoints.ts'
import { checkpointName, checkpointsOf } from '../backup/names.ts'
import type { SnapshotScene } from './snapshot-scene.ts'
import { removeBitmap, writtenBitmaps } from './stray-bitmaps.ts'

/** The next backup is a full one then. @throws Fault `libvirt.not_reverted`; the domain is as it was */
export async function freeOfCheckpoints(ctx: OperationContext, scene: SnapshotScene): Promise<void> {
  await endCheckpoints(ctx, scene)
  await removeStrays(ctx, scene)
}

async function endCheckpoints(ctx: OperationContext, scene: SnapshotScene): Promise<void> {
  const { dom } = scene
  const names = await checkpointNames(ctx, scene)
  if (names.length === 0) return
  const foreign = names.find((name) => !name.startsWith(checkpointsOf(ctx, dom.name)))
  if (foreign !== undefined) throw inTheWay(scene, `checkpoint '${foreign}'`)
  for (const name of names) await deleteCheckpoint(ctx, scene, name)
  // Libvirt deletes none of a domain that is off.
  const [left] = await checkpointNames(ctx, scene)
  if (left !== undefined) throw inTheWay(scene, `checkpoint '${left}'`)
  endChain(ctx)
  await ctx.save()
  ctx.log.info(`The next backup of '${dom.name}' is a full one: its disks go back to what they were`)
}

/** No checkpoint is left, so that nobody uses them: whichever of our nodes had made one. */
async function removeStrays(ctx: OperationContext, scene: SnapshotScene): Promise<void> {
  const bitmaps = await writtenBitmaps(ctx, scene)
  const foreign = bitmaps.find(({ name }) => !name.startsWith(checkpointName('')))
  if (foreign) throw inTheWay(scene, `bitmap '${foreign.name}'`)
  for (const bitmap of bitmaps) {
    const refusal = await removeBitmap(ctx, scene, bitmap)
    if (refusal !== undefined) throw inTheWay(scene, `bitmap '${bitmap.name}' (${refusal})`)
  }
}

function inTheWay({ dom, snapshot }: SnapshotScene, what: string): Error {
  const reason = `its ${what} is in the way, and has to be deleted while the domain runs`
  return fault('libvirt.not_reverted', { details: { domain: dom.name, name: snapshot.name, reason }, effect: 'none' })
}
