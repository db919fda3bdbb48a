// snapshot.create, apply and delete of an instance: snapshots of each disk where they are incremental, a machine image where
// they are whole. What was made says itself which it is.
import type { Json } from '../../../kernel/json.ts'
import { Type } from '../../../kernel/schema.ts'
import type { OperationContext } from '../../contract/context.ts'
import { cutOperation, operation, type Part, type Receipt } from '../../contract/operation.ts'
import { copyDamaged, missing } from '../errors.ts'
import { memoryOf } from '../memory.ts'
import { lastingProject, sceneOf, type Scene } from '../settings.ts'
import { workOf, type Work } from '../work.ts'
import { exchangeDisks, requireUsable } from './exchange.ts'
import { instanceOfNode, recordedRef } from './instance-of.ts'
import { instanceFromImage } from './from-image.ts'
import { devicesOfNodes, ownDevices, recordInstance } from './record.ts'
import {
  checkCopy,
  checkInstance,
  cutInstance,
  deleteCopy,
  instanceCopyIn,
  settleInstance,
  undoInstance,
  type InstanceCopy,
  type SaveOptions,
} from './save.ts'
import { deviceAt, diskNameOf, findInstance, readInstance } from './views.ts'

/** What the workflows give; more may stand among the node's properties. */
const inputs = Type.Object({
  snapshot_name: Type.String({ minLength: 1 }),
  snapshot_incremental: Type.Boolean({ default: true }),
  snapshot_type: Type.String({ default: 'irregular' }),
})

interface Given {
  readonly snapshot_name: string
  readonly snapshot_incremental: boolean
  readonly snapshot_type: string
}

export const snapshotCreate = cutOperation({
  inputs,
  async check(ctx, given) {
    const scene = await instanceOfNode(ctx, given)
    await checkInstance(scene.project, scene.ref, optionsOf(scene, given))
  },
  async cut(ctx, given) {
    const scene = await instanceOfNode(ctx, given)
    return cutInstance(workFor(scene, given.snapshot_name), scene.ref, optionsOf(scene, given))
  },
  async settle(ctx, receipt, given) {
    const scene = await sceneOf(ctx, given)
    const copy = copyIn(receipt)
    const part = await settleInstance(workFor(scene, given.snapshot_name), copy)
    ctx.log.info(`Saved instance ${copy.instance.name} as ${part.providerId}`)
    return part
  },
  async verify(ctx, part: Part) {
    const { project } = await sceneOf(ctx)
    return checkCopy(project, copyIn(part))
  },
})

export const snapshotApply = operation({
  async run(ctx, given) {
    const scene = await sceneOf(ctx, given)
    const { project, settings } = scene
    const copy = copyIn(ctx.part)
    const ref = recordedRef(scene) ?? { zone: copy.instance.zone, name: copy.instance.name }
    const work = workFor(scene, copy.name)
    await requireUsable(project, copy.disks)
    const instance = await findInstance(project, ref)
    if (instance === undefined) {
      if (copy.machineImage === null) throw missing('instance', ref.name)
      await instanceFromImage(work, ref, copy.machineImage)
    } else if (copy.disks.length > 0) {
      const wanted = copy.disks.map((one) => {
        const attached = deviceAt(instance, one.deviceName ?? '')
        return { copy: one, current: attached && diskNameOf(attached) }
      })
      await exchangeDisks(work, wanted, {
        lasting: await lastingProject(scene),
        memory: memoryOf(ctx, 'restore_power'),
        places: memoryOf(ctx, 'restore_places'),
      })
    }
    recordInstance(ctx, settings, await readInstance(project, ref))
    await ctx.save()
    ctx.log.info(`Restored instance ${ref.name} from '${copy.name}'`)
  },
})

export const snapshotDelete = operation({
  async run(ctx, given) {
    const scene = await sceneOf(ctx, given)
    const copy = instanceCopyIn(ctx.part)
    const isSettled = copy !== undefined && 'bytes' in copy
    if (copy !== undefined) await deleteCopy(scene.project, copy)
    if (!isSettled) await undo(scene, copy)
    ctx.log.info(copy === undefined ? 'Took back what there was of the copy' : `Deleted '${copy.name}'`)
  },
})

// Nothing was ever settled: what there is, the key of the work leads to.
async function undo(scene: Scene, copy: InstanceCopy | undefined): Promise<void> {
  const ref = recordedRef(scene) ?? copy?.instance
  const instance = ref && (await findInstance(scene.project, ref))
  if (instance === undefined || ref === undefined) return
  await undoInstance(workFor(scene, scene.settings.options.text('snapshot_name') ?? copy?.name), ref, instance)
}

function optionsOf({ ctx, settings }: Scene, given: Given): SaveOptions {
  const which = settings.options.oneOf('snapshot_disks', ['all', 'own']) ?? 'own'
  const nodes = which === 'own' ? devicesOfNodes(ctx) : []
  return {
    kind: given.snapshot_incremental ? 'snapshot' : 'backup',
    type: given.snapshot_type,
    isFlushed: settings.options.boolean('guest_flush') ?? false,
    // A disk that is a node of its own is saved there: saved here as well it would be put back twice.
    isLeft: (deviceName) => nodes.includes(deviceName),
  }
}

function workFor({ ctx, project, settings }: Scene, backup: string | undefined): Work {
  return workOf(ctx, project, { backup, copyLimit: settings.options.seconds('copy_timeout', 7 * 86_400) })
}

function copyIn(value: Json | Receipt | undefined): InstanceCopy {
  const copy = instanceCopyIn(value)
  if (copy === undefined) throw copyDamaged('of this node', 'the catalog recorded no copy of an instance')
  return copy
}

/** On record of the instance: what it has there is a node of its own, or no longer. */
export function noteDeviceOfNode(ctx: Pick<OperationContext, 'instance'>, device: string, isThere: boolean): void {
  const rest = devicesOfNodes(ctx).filter((name) => name !== device)
  ctx.instance.runtimeProperties[ownDevices] = isThere ? [...rest, device] : rest
}
