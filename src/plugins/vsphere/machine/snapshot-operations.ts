// snapshot.create, apply and delete of a machine's node: snapshots where they are incremental, clones or files where they are whole.
// What was made says itself which it is.
import { isAbsolute } from 'node:path'
import { Fault } from '../../../kernel/fault.ts'
import { Type } from '../../../kernel/schema.ts'
import type { OperationContext } from '../../contract/context.ts'
import { cutOperation, operation, type AnyInputs } from '../../contract/operation.ts'
import { seconds, type Duration } from '../../../kernel/duration.ts'
import type { Ref } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'
import { badProperty, cannot, copyDamaged } from '../errors.ts'
import { isFrozenHere } from '../freeze/frozen-here.ts'
import type { VsphereSettings } from '../settings.ts'
import { checkClone, cloneCopyIn, cutClone, deleteClone, settleClone, undoClone, type CloneCopy } from './clone-copy.ts'
import {
  checkExport,
  cutExport,
  deleteExport,
  exportCopyIn,
  settleExport,
  undoExport,
  type ExportCopy,
} from './export-copy.ts'
import { assertUsable } from './export-folder.ts'
import { refOf } from './machine.ts'
import { machineOfNode, objectNamed, vcenterOfNode, type NodeMachine } from './machine-of.ts'
import { recordMachine } from './record.ts'
import { restoreClone } from './restore-clone.ts'
import { restoreExport } from './restore-export.ts'
import { restoreSnapshot } from './restore.ts'
import { snapshotWarning } from './snapshot-age.ts'
import { vouchedOf } from './quiesce.ts'
import {
  checkSnapshot,
  deleteSnapshot,
  settleSnapshot,
  snapshotCopyIn,
  takeSnapshot,
  type SaveOptions,
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
    const { vcenter, settings, machine } = await machineOfNode(ctx, given)
    quiesceOf(settings)
    if (machine.isTemplate) throw cannot('machine', machine.name, 'saved', 'it is a template')
    if (given.snapshot_incremental) return
    const directory = exportFolderOf(settings)
    if (directory === undefined) await datastoreOf(vcenter, settings)
    else await assertUsable(directory)
  },
  async vouches(ctx, given) {
    const { settings, machine } = await machineOfNode(ctx, given)
    const withMemory = given.snapshot_incremental && (settings.options.boolean('with_memory') ?? false)
    return vouchedOf(machine, { quiesce: quiesceOf(settings), withMemory })
  },
  async cut(ctx, given) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, given)
    const options: SaveOptions = {
      name: given.snapshot_name,
      type: given.snapshot_type,
      // What stands still already cannot be told to stand still: its tools would wait for it.
      quiesce: isFrozenHere(ctx) ? 'never' : quiesceOf(settings),
      withMemory: settings.options.boolean('with_memory') ?? false,
      limit: settings.limit,
    }
    const mostDays = settings.options.integer('snapshot_age_days', 0, 36_500)
    const warning = snapshotWarning(machine, ctx.world.clock.now(), mostDays)
    if (warning !== undefined) ctx.log.warning(warning)
    const work = workOf(ctx, vcenter)
    if (given.snapshot_incremental) return takeSnapshot(work, machine, options)
    const directory = exportFolderOf(settings)
    if (directory !== undefined) return cutExport(work, machine, options, directory)
    return cutClone(work, machine, options, await datastoreOf(vcenter, settings))
  },
  async settle(ctx, receipt, given) {
    const { vcenter, settings } = await vcenterOfNode(ctx, given)
    const copy = copyIn(receipt)
    if (copy.kind === 'vsphere.clone') {
      const whole = await settleClone(vcenter, copy, copyLimit(settings))
      ctx.log.info(`Cloned ${whole.machineName} as ${whole.cloneName} (${whole.providerId})`)
      return whole
    }
    if (copy.kind === 'vsphere.export') {
      const whole = await settleExport(vcenter, copy, copyLimit(settings))
      ctx.log.info(`Exported ${whole.machineName} to ${whole.folder} (${whole.bytes} bytes)`)
      return whole
    }
    const part = await settleSnapshot(vcenter, copy)
    ctx.instance.runtimeProperties['vsphere_snapshot_id'] = part.providerId
    ctx.log.info(`Took snapshot '${part.name}' (${part.providerId})${part.isQuiesced ? ', quiesced' : ''}`)
    return part
  },
  async verify(ctx, part) {
    const copy = copyIn(part)
    if (copy.kind === 'vsphere.export') return checkExport(copy, ctx.signal)
    const { vcenter } = await vcenterOfNode(ctx)
    return copy.kind === 'vsphere.clone' ? checkClone(vcenter, copy) : checkSnapshot(vcenter, copy)
  },
})

export const snapshotApply = operation({
  async run(ctx, given) {
    const { vcenter, settings } = await vcenterOfNode(ctx, given)
    const copy = copyIn(ctx.part)
    if (copy.kind === 'vsphere.snapshot') {
      await restoreSnapshot(vcenter, copy, settings.limit)
      return ctx.log.info(`Put machine ${copy.machineId} back to '${copy.name}'`)
    }
    const current = (await thereIs(ctx, given))?.machine
    const restore = { vcenter, key: restoreKey(ctx), current, limit: copyLimit(settings) }
    const next =
      copy.kind === 'vsphere.clone'
        ? await restoreClone({ ...restore, copy })
        : await restoreExport({ ...restore, copy })
    await recordMachine(ctx, vcenter, next, settings.isExternal)
    ctx.log.info(`Put machine ${copy.machineName} (${next.id}) back from '${copy.name}'`)
  },
})

export const snapshotDelete = operation({
  async run(ctx, given) {
    const { vcenter, settings } = await vcenterOfNode(ctx, given)
    const { runtimeProperties } = ctx.instance
    const clone = cloneCopyIn(ctx.part)
    const snapshot = snapshotCopyIn(ctx.part)
    const files = exportCopyIn(ctx.part)
    if (files !== undefined) await deleteExport(vcenter, files, copyLimit(settings))
    else if (clone !== undefined) await deleteClone(vcenter, clone, copyLimit(settings))
    else if (snapshot !== undefined) {
      const { machineId, providerId } = snapshot
      await deleteSnapshot(vcenter, refOf(machineId), providerId, settings.limit)
      if (runtimeProperties['vsphere_snapshot_id'] === providerId) delete runtimeProperties['vsphere_snapshot_id']
    } else {
      // Nothing was ever settled: what there is, the key of the work leads to.
      const machine = (await thereIs(ctx, given))?.machine
      const { key } = ctx.operation
      const limit = copyLimit(settings)
      const directory = exportFolderOf(settings)
      const isExported =
        machine !== undefined &&
        directory !== undefined &&
        (await undoExport(vcenter, machine, { key, directory, limit }))
      const isCloned = machine !== undefined && (await undoClone(vcenter, machine, key, limit))
      const isFound = isExported || isCloned
      return ctx.log.info(isFound ? 'Took back what there was of the copy' : 'There is nothing of that copy')
    }
    ctx.log.info(`Deleted '${(files ?? clone ?? snapshot)?.name ?? ''}'`)
  },
})

// A bracket that was broken off begins anew, with other keys; what its restore had made by then is the same work.
function restoreKey({ bracket, execution, instance, operation }: OperationContext): string {
  return bracket === undefined ? operation.key : `${execution.id}/${bracket.name}/${instance.id}`
}

async function thereIs(ctx: OperationContext, given: AnyInputs): Promise<NodeMachine | undefined> {
  try {
    return await machineOfNode(ctx, given)
  } catch (thrown) {
    if (thrown instanceof Fault && ['vsphere.missing', 'vsphere.not_created'].includes(thrown.code)) return undefined
    throw thrown
  }
}

/** Where whole copies go. */
async function datastoreOf(vcenter: VCenter, { options }: VsphereSettings): Promise<Ref | undefined> {
  const name = options.text('backup_datastore')
  return name === undefined ? undefined : objectNamed(vcenter, { type: 'Datastore', name, kind: 'datastore' })
}

/** Where whole copies go as files; undefined: they are clones. @throws Fault `vsphere.bad_property` */
function exportFolderOf({ options }: VsphereSettings): string | undefined {
  if ((options.oneOf('backup_mode', ['clone', 'export'] as const) ?? 'clone') === 'clone') return undefined
  const directory = options.required('backup_dir', options.text)
  if (!isAbsolute(directory)) throw badProperty('backup_dir', 'expected a whole path')
  return directory
}

/** A whole disk takes longer than any other task. */
const copyLimit = ({ options, limit }: VsphereSettings): Duration =>
  options.seconds('copy_timeout', 7 * 86_400) ?? Math.max(limit, seconds(7200))

const quiesceOf = ({ options }: VsphereSettings) =>
  options.oneOf('quiesce', ['prefer', 'require', 'never'] as const) ?? 'prefer'

const workOf = (ctx: OperationContext, vcenter: VCenter): Work => ({
  vcenter,
  key: ctx.operation.key,
  log: ctx.log,
  once: (effect) => ctx.once(effect),
})

function copyIn(value: Parameters<typeof snapshotCopyIn>[0]): SnapshotCopy | CloneCopy | ExportCopy {
  const copy = snapshotCopyIn(value) ?? cloneCopyIn(value) ?? exportCopyIn(value)
  if (copy === undefined) throw copyDamaged('of this node', 'the catalog recorded no copy of a machine')
  return copy
}
