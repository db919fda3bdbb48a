// snapshot.create, apply and delete of a volume node.
import type { OperationContext } from '../../contract/context.ts'
import {
  cutOperation,
  operation,
  type AnyInputs,
  type Part,
  type PluginOperation,
  type Receipt,
} from '../../contract/operation.ts'
import { cloudOf } from '../client/shared-clouds.ts'
import type { Cloud } from '../client/cloud.ts'
import { cannot, copyDamaged, notCreated } from '../errors.ts'
import { relatedOfType } from '../resource/related.ts'
import { volumesOfServer } from '../server/attachments.ts'
import { bootsFromVolume, findServer } from '../server/server.ts'
import { settingsOf, type OpenstackSettings } from '../settings.ts'
import { gibibyte, savedVolume, type Seat, type VolumeCopy } from './copy.ts'
import { deleteCopies, undoVolumes } from './delete.ts'
import { whileServersAreOff } from './idle-servers.ts'
import { memoryOf } from './memory.ts'
import { copyName, copyOfName } from './older-names.ts'
import { coveredReceipt, receiptIn, receiptOf } from './part.ts'
import { checkRestore, restoreVolume } from './restore.ts'
import { checkCopy, cutVolumes, settleVolumes } from './save.ts'
import { adoptHeir, heirOf } from './successors.ts'
import { findVolume, isStuck, readVolume, type VolumeView } from './views.ts'
import { workOf, type VolumeWork } from './work.ts'

const name = 'openstack_plugin.resources.volume.volume'

/** A week, in seconds. */
const longestCopy = 604_800

interface Scene {
  readonly ctx: OperationContext
  readonly cloud: Cloud
  readonly settings: OpenstackSettings
  readonly work: VolumeWork
}

async function sceneOf(ctx: OperationContext, inputs: AnyInputs = {}): Promise<Scene> {
  const settings = await settingsOf(ctx, { ...inputs })
  const cloud = await cloudOf(ctx, settings)
  const backup = settings.options.text('snapshot_name')
  const copyLimit = settings.options.seconds('copy_timeout', longestCopy)
  return { ctx, cloud, settings, work: workOf(ctx, cloud, { backup, copyLimit }) }
}

function volumeIdIn({ settings }: Scene): string {
  if (settings.resourceId === undefined) throw notCreated('volume')
  return settings.resourceId
}

const kindIn = (inputs: AnyInputs): VolumeCopy['kind'] =>
  inputs['snapshot_incremental'] === false || inputs['snapshot_incremental'] === 'false' ? 'backup' : 'snapshot'

const create = cutOperation({
  async check(ctx, inputs) {
    const scene = await sceneOf(ctx, inputs)
    const volume = await readVolume(scene.cloud, await heirOf(ctx, scene.cloud, volumeIdIn(scene)))
    if (isStuck(volume)) throw cannot('volume', volume.name || volume.id, 'copied', volume.status)
  },

  async cut(ctx, inputs) {
    const scene = await sceneOf(ctx, inputs)
    const { cloud, settings, work } = scene
    const { options } = settings
    const kind = kindIn(inputs)
    const volume = await readVolume(cloud, await adoptHeir(ctx, cloud, volumeIdIn(scene)))
    const server = await bootedServer(cloud, volume)
    if (server !== undefined) {
      ctx.log.warning(`Server ${server} boots from volume ${volume.id}: it is saved with that, not here`)
      return coveredReceipt(kind, volume.id, server)
    }
    const backup = options.required('snapshot_name', options.text)
    const [copy] = await cutVolumes(work, [volume.id], {
      kind,
      nameOf: (id) => copyName(id, backup, kind),
      description: options.text('snapshot_type') ?? 'irregular',
      isIncremental: options.oneOf('backup_chain', ['full', 'incremental']) === 'incremental',
      longestChain: options.integer('max_chain', 0, 1000),
      source: options.oneOf('backup_source', ['snapshot', 'volume']) ?? 'snapshot',
    })
    if (copy === undefined) throw new Error('a copy for each volume')
    return receiptOf(copy)
  },

  async settle(ctx, given, inputs): Promise<Part> {
    const { work } = await sceneOf(ctx, inputs)
    const receipt = knownReceipt(given)
    if (receipt.copy === null) return { ...receipt, bytes: null, digest: null }
    const [copy] = await settleVolumes(work, [receipt.copy])
    if (copy === undefined) throw new Error('a copy for each volume')
    ctx.log.info(`Saved volume ${copy.volume.id} as ${copy.kind} '${copy.name}'`)
    return { ...receiptOf(copy), bytes: copy.volume.size * gibibyte, digest: null }
  },

  async verify(ctx, part) {
    const { copy } = knownReceipt(part)
    if (copy === null) return { isUsable: true, isMissing: false, reason: null }
    return checkCopy((await sceneOf(ctx)).cloud, copy)
  },
})

function knownReceipt(given: Receipt) {
  const receipt = receiptIn(given)
  if (receipt === undefined) throw copyDamaged(given.providerId, 'it is no copy of a volume')
  return receipt
}

/** The server that has it for its root, which no cloud lets go. */
async function bootedServer(cloud: Cloud, { id, attachments }: VolumeView): Promise<string | undefined> {
  for (const { server_id: serverId } of attachments) {
    const server = await findServer(cloud, serverId)
    if (server === undefined || !bootsFromVolume(server)) continue
    const volumes = await volumesOfServer(cloud, server)
    if (volumes.some(({ volumeId, isRoot }) => isRoot && volumeId === id)) return serverId
  }
  return undefined
}

const apply = operation({
  async check(ctx, inputs) {
    const scene = await sceneOf(ctx, inputs)
    const copy = await copyToApply(scene, inputs)
    if (copy !== undefined) await checkRestore(scene.cloud, copy, scene.settings.resourceId)
  },
  async run(ctx, inputs) {
    const scene = await sceneOf(ctx, inputs)
    const { cloud, settings, work } = scene
    const copy = await copyToApply(scene, inputs)
    if (copy === undefined) return ctx.log.info('The volume comes back with the server that boots from it')
    const lasting = await cloudOf({ ...ctx, signal: new AbortController().signal }, settings)
    // One that was lost and made anew has another id than the copies of the old one tell.
    const volumeId = settings.resourceId ?? copy.volume.id
    const powers = memoryOf(ctx, 'restore_power')
    // Those that an attempt has stopped that died with the volume off them.
    const stopped = Object.keys(powers.read() ?? {})
    // Refused before a server is stopped for it; those that are stopped already must be started again all the same.
    const volume = await (stopped.length === 0 ? checkRestore(cloud, copy, volumeId) : findVolume(cloud, volumeId))
    const seats = volume === undefined ? await seatsAnew(ctx, copy) : savedVolume(volume).seats
    const servers = [...seats.map(({ serverId }) => serverId), ...stopped]
    const id = await whileServersAreOff(cloud, servers, { lasting, memory: powers }, () =>
      restoreVolume(work, copy, { lasting, volumeId, seats, memory: memoryOf(ctx, 'restore_seats') }),
    )
    ctx.instance.runtimeProperties['id'] = id
    ctx.log.info(`Restored volume ${id} from ${copy.kind} '${copy.name}'`)
  },
})

/** The blueprint's server may be another one by now than it was when the volume was copied. */
async function seatsAnew(ctx: OperationContext, { volume: { seats } }: VolumeCopy): Promise<readonly Seat[]> {
  const servers = await relatedOfType(ctx, 'server')
  return servers.length === 0 ? seats : servers.map(({ id }) => ({ serverId: id, device: seats[0]?.device ?? null }))
}

/** undefined: it is part of its server's. Of a backup that is in no catalog of ours: by the name that the originals gave. */
async function copyToApply(scene: Scene, inputs: AnyInputs): Promise<VolumeCopy | undefined> {
  const receipt = receiptIn(scene.ctx.part)
  if (receipt !== undefined) return receipt.copy ?? undefined
  const { options } = scene.settings
  const backup = options.required('snapshot_name', options.text)
  return copyOfName(scene.cloud, volumeIdIn(scene), backup, kindIn(inputs))
}

const remove = operation({
  async run(ctx, inputs) {
    const scene = await sceneOf(ctx, inputs)
    const { cloud, settings, work } = scene
    const copy = receiptIn(ctx.part)?.copy ?? undefined
    const id = copy?.volume.id ?? settings.resourceId
    // What a cut made whose outcome was lost, or whose backup was begun only afterwards.
    const isUnfinished = copy === undefined || (copy.kind === 'backup' && copy.snapshotId !== null)
    if (isUnfinished && id !== undefined) await undoVolumes(work, [id])
    if (copy === undefined) return
    await deleteCopies(cloud, [copy])
    ctx.log.info(`Deleted ${copy.kind} '${copy.name}' of volume ${copy.volume.id}`)
  },
})

export const volumeSnapshots: Readonly<Record<string, PluginOperation>> = {
  [`${name}.snapshot_create`]: create,
  [`${name}.snapshot_apply`]: apply,
  [`${name}.snapshot_delete`]: remove,
}
