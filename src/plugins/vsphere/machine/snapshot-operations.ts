// snapshot.create, apply and delete of a machine's node.
import { Fault } from '../../../kernel/fault.ts'
import { Type } from '../../../kernel/schema.ts'
import type { OperationContext } from '../../contract/context.ts'
import { cutOperation, operation, type AnyInputs } from '../../contract/operation.ts'
import { badProperty, cannot, copyDamaged } from '../errors.ts'
import type { VsphereSettings } from '../settings.ts'
import type { VCenter } from '../client/vcenter.ts'
import { refOf } from './machine.ts'
import { machineOfNode, vcenterOfNode } from './machine-of.ts'
import { restoreSnapshot } from './restore.ts'
import {
  checkSnapshot,
  deleteSnapshot,
  findOwnSnapshot,
  settleSnapshot,
  snapshotCopyIn,
  takeSnapshot,
  type SnapshotCopy,
  type Work,
} from './save.ts'

/** What the workflows give; more may stand among the node's properties. */
const inputs = Type.Object({
  snapshot_name: Type.String({ minLength: 1 }),
  snapshot_incremental: Type.Boolean({ default: true }),
  snapshot_type: Type.String({ default: 'irregular' }),
})

export const snapshotCreate = cutOperation({
  inputs,
  async check(ctx, given) {
    const { settings, machine } = await machineOfNode(ctx, given)
    if (!given.snapshot_incremental) throw badProperty('snapshot_incremental', 'machines are saved by snapshots only')
    quiesceOf(settings)
    if (machine.isTemplate) throw cannot('machine', machine.name, 'saved', 'it is a template')
  },
  async cut(ctx, given) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, given)
    if (!given.snapshot_incremental) throw badProperty('snapshot_incremental', 'machines are saved by snapshots only')
    return takeSnapshot(workOf(ctx, vcenter), machine.ref, {
      name: given.snapshot_name,
      type: given.snapshot_type,
      quiesce: quiesceOf(settings),
      withMemory: settings.options.boolean('with_memory') ?? false,
      limit: settings.limit,
    })
  },
  async settle(ctx, receipt, given) {
    const { vcenter } = await vcenterOfNode(ctx, given)
    const part = await settleSnapshot(vcenter, copyIn(receipt))
    ctx.instance.runtimeProperties['vsphere_snapshot_id'] = part.providerId
    ctx.log.info(`Took snapshot '${part.name}' (${part.providerId})${part.isQuiesced ? ', quiesced' : ''}`)
    return part
  },
  async verify(ctx, part) {
    const { vcenter } = await vcenterOfNode(ctx)
    return checkSnapshot(vcenter, copyIn(part))
  },
})

export const snapshotApply = operation({
  async run(ctx, given) {
    const { vcenter, settings } = await vcenterOfNode(ctx, given)
    const copy = copyIn(ctx.part)
    await restoreSnapshot(vcenter, copy, settings.limit)
    ctx.log.info(`Put machine ${copy.machineId} back to '${copy.name}'`)
  },
})

export const snapshotDelete = operation({
  async run(ctx, given) {
    const { vcenter, settings } = await vcenterOfNode(ctx, given)
    const { runtimeProperties } = ctx.instance
    const copy = snapshotCopyIn(ctx.part)
    const there =
      copy === undefined ? await ownSnapshot(ctx, given) : { machineId: copy.machineId, id: copy.providerId }
    if (there === undefined) return ctx.log.info('There is nothing of that copy')
    const { machineId, id } = there
    await deleteSnapshot(vcenter, refOf(machineId), id, settings.limit)
    if (runtimeProperties['vsphere_snapshot_id'] === id) delete runtimeProperties['vsphere_snapshot_id']
    ctx.log.info(`Deleted snapshot '${copy?.name ?? id}'`)
  },
})

// Nothing was ever settled: what there is, the key of the work leads to.
async function ownSnapshot(
  ctx: OperationContext,
  given: AnyInputs,
): Promise<{ readonly machineId: string; readonly id: string } | undefined> {
  const place = await machineOfNode(ctx, given).catch((thrown: unknown) => {
    if (thrown instanceof Fault && ['vsphere.missing', 'vsphere.not_created'].includes(thrown.code)) return undefined
    throw thrown
  })
  if (place === undefined) return undefined
  const { vcenter, settings, machine } = place
  const id = await findOwnSnapshot(vcenter, machine.ref, ctx.operation.key, settings.limit)
  return id === undefined ? undefined : { machineId: machine.ref.id, id }
}

const quiesceOf = ({ options }: VsphereSettings) =>
  options.oneOf('quiesce', ['prefer', 'require', 'never'] as const) ?? 'prefer'

export const workOf = (ctx: OperationContext, vcenter: VCenter): Work => ({
  vcenter,
  key: ctx.operation.key,
  log: ctx.log,
  once: (effect) => ctx.once(effect),
})

function copyIn(value: Parameters<typeof snapshotCopyIn>[0]): SnapshotCopy {
  const copy = snapshotCopyIn(value)
  if (copy === undefined) throw copyDamaged('of this node', 'the catalog recorded no copy of a machine')
  return copy
}
