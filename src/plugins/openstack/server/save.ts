// Copies of servers with all their disks, in two halves: `cutServer` resolves when the instant is past and the guest may go
// on, `settleServer` when all of it was read back. Works with a cloud and ids alone, for nodes and for servers in no blueprint.
import { asFault, withEffect } from '../../../kernel/fault.ts'
import type { Part, PartCheck } from '../../contract/operation.ts'
import type { Cloud } from '../client/cloud.ts'
import { cannot, copyDamaged } from '../errors.ts'
import { markFor } from '../mark.ts'
import { gibibyte, type VolumeCopy } from '../volume/copy.ts'
import { deleteCopies, undoVolumes } from '../volume/delete.ts'
import { checkCopy, cutVolumes, settleVolumes } from '../volume/save.ts'
import { keyOf, type VolumeWork } from '../volume/work.ts'
import { volumesOfServer, type ServerVolume } from './attachments.ts'
import {
  copiesIn,
  providerIdOf,
  serverKinds,
  type ServerCopy,
  type ServerDisks,
  type ServerVolumeCopy,
} from './copy.ts'
import { definitionOf } from './definition.ts'
import { beginImage, deleteImage, findImage, findImageOf, untilCaptured, untilImageUsable } from './image.ts'
import { restingStates, untilIdle } from './power.ts'
import { bootsFromVolume, findServer, type Server } from './server.ts'

export interface ServerSaveOptions {
  readonly kind: keyof typeof serverKinds
  /** For people: the name of the backup, `nightly`. */
  readonly backupName: string
  /** For people, instead of `vm-ID-NAME-backup`. */
  readonly name?: string
  /** Kept with the copies: `irregular`, `daily`. */
  readonly type: string
  /** Of volumes that are saved otherwise; one that the server boots from never is. */
  readonly isLeft?: (volumeId: string) => boolean
  /** Of a backup: only what has changed in volumes since their newest ones. Images are always whole. */
  readonly isIncremental?: boolean
  /** How many incremental ones may rest on a whole one. */
  readonly longestChain?: number | undefined
  /** Beside our marks, on the image. */
  readonly properties?: Readonly<Record<string, string>>
}

/** What it made is taken back by `undoServer`, also when it failed in the middle. @throws Fault `openstack.*` */
export async function cutServer(work: VolumeWork, serverId: string, options: ServerSaveOptions): Promise<ServerCopy> {
  const { cloud } = work
  const server = await untilIdle(cloud, serverId)
  const [attached, definition] = await Promise.all([volumesOfServer(cloud, server), definitionOf(cloud, server)])
  const volumes = attached.filter(({ isRoot, volumeId }) => isRoot || options.isLeft?.(volumeId) !== true)
  const power = restingStates.find((state) => state === server.status)
  if (power === undefined) throw cannot('server', server.name, 'copied', server.status)
  const copies = await cutVolumes(
    work,
    volumes.map(({ volumeId }) => volumeId),
    {
      kind: options.kind,
      nameOf: (id) => nameFor('volume', id, options),
      description: options.type,
      isIncremental: options.isIncremental ?? false,
      longestChain: options.longestChain,
    },
  )
  // Not at the same time: while Nova makes an image of a server, it takes no part in snapshots of volumes that are files.
  const imageId = await cutImage(work, server, options).catch((thrown: unknown) => {
    throw volumes.length === 0 ? thrown : afterSome(thrown)
  })
  const saved = volumes.map((volume, index) => hung(volume, copies[index]))
  return {
    kind: serverKinds[options.kind],
    providerId: providerIdOf(imageId, saved),
    name: options.name ?? nameFor('vm', server.id, options),
    server: definition,
    power,
    imageId,
    volumes: saved,
  }
}

// The one half may have come to something while the other did not: nobody may take it for nothing.
function afterSome(thrown: unknown): unknown {
  const problem = asFault(thrown)
  return problem.effect === 'none' ? withEffect(problem, 'unknown') : thrown
}

function hung(
  { device, tag, isRoot, isDeletedWithServer }: ServerVolume,
  copy: VolumeCopy | undefined,
): ServerVolumeCopy {
  if (copy === undefined) throw new Error('a copy for each volume')
  return { device, tag, isRoot, isDeletedWithServer, copy }
}

async function cutImage(work: VolumeWork, server: Server, options: ServerSaveOptions): Promise<string | null> {
  // Nova's image of a server on volumes holds nothing: it points at snapshots that outlive it.
  if (bootsFromVolume(server)) return null
  const { cloud } = work
  const key = keyOf(work, imagePart)
  const mark = markFor(key, work)
  const id = await work.once({
    lookUp: async () => (await findImageOf(cloud, server.id, { key, mark }))?.id,
    create: () =>
      beginImage(cloud, server.id, {
        name: options.name ?? nameFor('vm', server.id, options),
        metadata: { ...options.properties, fermata_type: options.type, fermata_kind: options.kind, ...mark },
      }),
  })
  await untilCaptured(cloud, server.id, id)
  return id
}

const imagePart = 'image'

/** As the original called it; nothing is ever found by it. */
function nameFor(what: 'vm' | 'volume', id: string, { backupName, kind }: ServerSaveOptions): string {
  const name = backupName.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').trim()
  return `${what}-${id}-${name.slice(0, 180)}-${kind === 'snapshot' ? 'increment' : 'backup'}`
}

/** Resolves when every disk was read back as usable. @throws Fault `openstack.error_state`, `openstack.not_reached` */
export async function settleServer(work: VolumeWork, cut: ServerCopy): Promise<ServerCopy & Part> {
  const { cloud } = work
  const { imageId, server } = cut
  const uploaded = imageId === null ? undefined : untilImageUsable(cloud, imageId, { serverId: server.id })
  const [image, copies] = await Promise.allSettled([uploaded, settleVolumes(work, copiesIn(cut), uploaded)])
  if (image.status === 'rejected') throw image.reason
  if (copies.status === 'rejected') throw copies.reason
  // One of no bytes points at something else, or at nothing.
  if (image.value?.size === 0) throw copyDamaged(cut.name, `the image '${imageId}' has no bytes`)
  const volumes = cut.volumes.map((one, index) => ({ ...one, copy: copies.value[index] ?? one.copy }))
  const ofVolumes = volumes.reduce((sum, { copy }) => sum + copy.volume.size * gibibyte, 0)
  return {
    ...cut,
    volumes,
    providerId: providerIdOf(imageId, volumes),
    bytes: (image.value?.size ?? 0) + ofVolumes,
    digest: image.value === undefined ? null : digestOf(image.value),
  }
}

function digestOf(image: {
  readonly os_hash_algo: string | null
  readonly os_hash_value: string | null
  readonly checksum: string | null
}): string | null {
  const { os_hash_algo: algorithm, os_hash_value: value, checksum } = image
  if (algorithm && value) return `${algorithm}:${value}`
  return checksum ? `md5:${checksum}` : null
}

/** Reads back, without changing anything, whether all of it is there and as it was saved. */
export async function checkServerCopy(
  cloud: Cloud,
  copy: ServerDisks & Partial<Pick<Part, 'digest'>>,
): Promise<PartCheck> {
  const checks = await Promise.all([
    ...(copy.imageId === null ? [] : [checkImage(cloud, copy.imageId, copy.digest ?? null)]),
    ...copiesIn(copy).map((one) => checkCopy(cloud, one)),
  ])
  const bad = checks.filter(({ isUsable }) => !isUsable)
  const reason = bad.map((one) => one.reason).join('; ')
  return { isUsable: bad.length === 0, isMissing: bad.some(({ isMissing }) => isMissing), reason: reason || null }
}

async function checkImage(cloud: Cloud, id: string, digest: string | null): Promise<PartCheck> {
  const image = await findImage(cloud, id)
  if (image === undefined) return { isUsable: false, isMissing: true, reason: `the image '${id}' is gone` }
  const bad = (reason: string): PartCheck => ({ isUsable: false, isMissing: false, reason })
  if (image.status !== 'active') return bad(`the image '${id}' is in status ${image.status}`)
  if (digest !== null && digestOf(image) !== digest) return bad(`the image '${id}' is not what was saved`)
  return { isUsable: true, isMissing: false, reason: null }
}

/** By the ids on record; what is gone is as good. @throws Fault `openstack.copy_needed`, `openstack.error_state` */
export async function deleteServerCopy(cloud: Cloud, copy: ServerCopy): Promise<void> {
  // What may be refused, because others rest on it, comes first.
  await deleteCopies(cloud, copiesIn(copy))
  if (copy.imageId !== null) await deleteImage(cloud, copy.imageId)
}

/** What a piece of work made of this server, whether or not its outcome is known. */
export async function undoServer(work: VolumeWork, serverId: string, cut?: ServerCopy): Promise<void> {
  const { cloud } = work
  const key = keyOf(work, imagePart)
  const image = await findImageOf(cloud, serverId, { key, mark: markFor(key, work) })
  const server = await findServer(cloud, serverId)
  const attached = server === undefined ? [] : await volumesOfServer(cloud, server)
  const ids = [
    ...attached.map(({ volumeId }) => volumeId),
    ...(cut === undefined ? [] : copiesIn(cut).map((one) => one.volume.id)),
  ]
  // The image first: as long as Nova uploads it, it may take no part in deleting snapshots.
  if (image !== undefined) await deleteImage(cloud, image.id)
  await undoVolumes(work, [...new Set(ids)])
  if (cut !== undefined) await deleteServerCopy(cloud, cut)
}
