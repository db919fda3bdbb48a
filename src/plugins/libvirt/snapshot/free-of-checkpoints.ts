// Going back inside the disks, and what backups know of them: QEMU does not load a snapshot past a checkpoint, it ends and
// leaves the domain off. Checkpoints of our backups go first, for what changed since then will not be known anyway.
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { endChain } from '../backup/chain.ts'
import { checkpointNames, deleteCheckpoint } from '../backup/checkpoints.ts'
import { checkpointsOf } from '../backup/names.ts'
import type { SnapshotScene } from './snapshot-scene.ts'

/** The next backup is a full one then. @throws Fault `libvirt.not_reverted`; the domain is as it was */
export async function freeOfCheckpoints(ctx: OperationContext, scene: SnapshotScene): Promise<void> {
  const { dom } = scene
  const names = await checkpointNames(ctx, scene)
  if (names.length === 0) return
  const foreign = names.find((name) => !name.startsWith(checkpointsOf(ctx, dom.name)))
  if (foreign !== undefined) throw inTheWay(scene, foreign)
  for (const name of names) await deleteCheckpoint(ctx, scene, name)
  // Libvirt deletes none of a domain that is off.
  const [left] = await checkpointNames(ctx, scene)
  if (left !== undefined) throw inTheWay(scene, left)
  endChain(ctx)
  await ctx.save()
  ctx.log.info(`The next backup of '${dom.name}' is a full one: its disks go back to what they were`)
}

function inTheWay({ dom, snapshot }: SnapshotScene, name: string): Error {
  const reason = `its checkpoint '${name}' is in the way, and has to be deleted while the domain runs`
  return fault('libvirt.not_reverted', { details: { domain: dom.name, name: snapshot.name, reason }, effect: 'none' })
}
