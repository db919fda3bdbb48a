// snapshot.create, apply and delete of a disk: of a volume node, and of a node that only names a disk, as the original had it.
// All snapshots hold only what has changed, and need none of the others: so incremental or not, they are the same.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { cutOperation, operation, type Part, type PluginOperation, type Receipt } from '../../contract/operation.ts'
import { badProperty, cannot, copyDamaged, missing, notCreated } from '../errors.ts'
import { exchangeDisks } from '../instance/exchange.ts'
import { refuseOwnKey } from '../instance/save.ts'
import { memoryOf } from '../memory.ts'
import { relatedTo } from '../resource/related.ts'
import { lastingProject, sceneOf, zoneOf, type Scene } from '../settings.ts'
import { workOf, type Work } from '../work.ts'
import { isDiskCopy, savedDisk, type DiskCopy } from './copy.ts'
import { recordDisk } from './record.ts'
import { checkSnapshot, cutSnapshot, deleteSnapshot, refuseTooMany, settleSnapshot, undoSnapshots } from './snapshot.ts'
import { diskInPlace, findDisk, type DiskView } from './views.ts'

const kind = 'gcp.disk_snapshot'

interface DiskReceipt extends Receipt {
  readonly kind: typeof kind
  readonly name: string
  /** null: the disk is a node of its own, and saved there. */
  readonly copy: DiskCopy | null
  readonly coveredBy: string | null
}

/** Which disk it is, by its name; undefined: it was not made. */
type Which = (scene: Scene) => string | undefined

/** `isNode`: the disk is what the node is, so that its name is on record there. */
function operations(which: Which, isNode: boolean): Readonly<Record<'create' | 'apply' | 'delete', PluginOperation>> {
  const named = (scene: Scene): string => {
    const name = which(scene)
    if (name !== undefined) return name
    if (isNode) throw notCreated('disk')
    throw badProperty('disk_name', 'it is missing: without it nothing would be saved')
  }

  const create = cutOperation({
    async check(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const disk = await diskOf(scene, named(scene))
      requireCopied(disk)
      await refuseTooMany(scene.project, disk)
    },
    async cut(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const { settings } = scene
      const zone = zoneOf(scene)
      const disk = await diskOf(scene, named(scene))
      requireCopied(disk)
      const name = settings.options.required('snapshot_name', settings.options.text)
      const owner = isNode ? undefined : await ownerOf(scene, disk)
      if (owner !== undefined) {
        ctx.log.warning(`Disk ${disk.name} is saved and put back with ${owner}, not here`)
        const covered = { copy: null, coveredBy: owner, consistency: 'application' as const }
        return { kind, providerId: `${disk.name}, with ${owner}`, name, ...covered }
      }
      const isFlushed = (settings.options.boolean('guest_flush') ?? false) && (disk.users ?? []).length > 0
      const type = settings.options.text('snapshot_type') ?? 'irregular'
      const snapshot = await cutSnapshot(workFor(scene, name), { zone, disk, type, isFlushed })
      const copy = { disk: savedDisk(zone, disk), snapshot, machineImage: null, deviceName: null }
      const receipt = { kind, providerId: snapshot, name, copy, coveredBy: null }
      return { ...receipt, ...(isFlushed ? { consistency: 'filesystem' as const } : {}) }
    },
    async settle(ctx, given, inputs): Promise<Part> {
      const scene = await sceneOf(ctx, inputs)
      const receipt = knownReceipt(given)
      if (receipt.copy === null) return { ...receipt, bytes: null, digest: null }
      const { storageBytes } = await settleSnapshot(workFor(scene, receipt.name), receipt.providerId)
      ctx.log.info(`Saved disk ${receipt.copy.disk.name} as snapshot ${receipt.providerId}`)
      return { ...receipt, bytes: storageBytes === undefined ? null : Number(storageBytes), digest: null }
    },
    async verify(ctx, part) {
      const { copy, providerId } = knownReceipt(part)
      if (copy === null) return { isUsable: true, isMissing: false, reason: null }
      return checkSnapshot((await sceneOf(ctx)).project, providerId)
    },
  })

  const apply = operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const { project, settings } = scene
      const { copy, name, coveredBy } = knownReceipt(ctx.part)
      if (copy === null) return ctx.log.info(`The disk is put back with ${coveredBy ?? 'another node'}`)
      // One that took the place of the copied one bears another name.
      const current = (await diskInPlace(project, copy.disk.zone, which(scene) ?? copy.disk.name))?.name
      const [disk] = await exchangeDisks(workFor(scene, name), [{ copy, current }], {
        lasting: await lastingProject(scene),
        memory: memoryOf(ctx, 'restore_power'),
        places: memoryOf(ctx, 'restore_places'),
        record([fresh]) {
          if (fresh === undefined) return
          if (isNode) recordDisk(ctx, settings, copy.disk.zone, fresh)
          else ctx.instance.runtimeProperties[successor] = fresh.name
        },
      })
      if (disk === undefined) throw new Error('a disk for each copy')
      if ((disk.users ?? []).length === 0) project.log.info(`Disk ${disk.name} is attached to nobody, as before`)
      ctx.log.info(`Restored disk ${disk.name} from snapshot ${copy.snapshot ?? ''}`)
    },
  })

  const remove = operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const receipt = receiptIn(ctx.part)
      if (receipt?.copy === null) return
      if (receipt !== undefined) await deleteSnapshot(scene.project, receipt.providerId)
      // What a cut made whose outcome was lost.
      if (receipt === undefined || !('bytes' in receipt)) await undo(scene, receipt?.copy?.disk.name ?? which(scene))
      ctx.log.info(
        receipt === undefined ? 'Took back what there was of the copy' : `Deleted snapshot ${receipt.providerId}`,
      )
    },
  })
  return { create, apply, delete: remove }
}

/** @throws Fault `gcp.missing` */
async function diskOf(scene: Scene, name: string): Promise<DiskView> {
  const disk = await diskInPlace(scene.project, zoneOf(scene), name)
  if (disk === undefined) throw missing('disk', name)
  return disk
}

/** Another node that this one depends on, and that saves the disk itself; saved here as well it would be put back twice. */
async function ownerOf(scene: Scene, disk: DiskView): Promise<string | undefined> {
  const related = await relatedTo(scene.ctx, 'compute#disk', 'compute#instance')
  const users = (disk.users ?? []).map((user) => user.slice(user.lastIndexOf('/') + 1))
  const owner = related.find(({ kind: what, name }) =>
    what === 'compute#disk' ? name === disk.name : users.includes(name),
  )
  return owner && `${owner.kind.replace('compute#', '')} ${owner.name}`
}

async function undo(scene: Scene, diskName: string | undefined): Promise<void> {
  const zone = zoneOf(scene)
  const disk = diskName === undefined ? undefined : await findDisk(scene.project, zone, diskName)
  const work = workFor(scene, scene.settings.options.text('snapshot_name'))
  await undoSnapshots(work, zone, disk === undefined ? [] : [disk])
}

/** On record of a node that only names its disk: what has taken the place of that. */
const successor = 'disk_name_now'

function whereNow({ instance }: Pick<OperationContext, 'instance'>): string | undefined {
  const value = instance.runtimeProperties[successor]
  return typeof value === 'string' ? value : undefined
}

function requireCopied(disk: DiskView): void {
  refuseOwnKey(disk)
  if (disk.status !== 'READY' && disk.status !== 'CREATING') throw cannot('disk', disk.name, 'copied', disk.status)
}

function workFor({ ctx, project, settings }: Scene, backup: string | undefined): Work {
  return workOf(ctx, project, { backup, copyLimit: settings.options.seconds('copy_timeout', 7 * 86_400) })
}

function receiptIn(value: Json | undefined): DiskReceipt | undefined {
  if (value === undefined || !isJsonObject(value) || value['kind'] !== kind) return undefined
  const isCovered = value['copy'] === null && typeof value['coveredBy'] === 'string'
  if (isCovered || isDiskCopy(value['copy'])) return value as unknown as DiskReceipt
  throw copyDamaged(String(value['providerId']), 'what the catalog recorded of it is not complete')
}

function knownReceipt(value: Json | Receipt | undefined): DiskReceipt {
  const receipt = receiptIn(value)
  if (receipt === undefined) throw copyDamaged('of this node', 'the catalog recorded no copy of a disk')
  return receipt
}

const volume = operations(({ settings }) => settings.recordedName, true)
const named = operations(
  ({ ctx, settings }) => whereNow(ctx) ?? (settings.options.text('disk_name') || undefined),
  false,
)

export const diskSnapshots: Readonly<Record<string, PluginOperation>> = {
  'cloudify_gcp.compute.disk.snapshot_create': volume.create,
  'cloudify_gcp.compute.disk.snapshot_apply': volume.apply,
  'cloudify_gcp.compute.disk.snapshot_delete': volume.delete,
  'cloudify_gcp.compute.snapshot.create': named.create,
  'cloudify_gcp.compute.snapshot.apply': named.apply,
  'cloudify_gcp.compute.snapshot.delete': named.delete,
}
