// The volume that a server boots from, exchanged for one with what a copy of it holds: no cloud writes over a volume that a
// server boots from, so another server takes the place of the first. What was made on the way goes again when that fails.
import { isJsonObject } from '../../../kernel/json.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { notReached } from '../errors.ts'
import { isMarked, markNames } from '../mark.ts'
import { until } from '../../http/wait.ts'
import { isFailure, untilGone } from '../wait.ts'
import { idOf, type VolumeCopy } from '../volume/copy.ts'
import type { Memory } from '../volume/memory.ts'
import { allVolumes, findVolume, readVolume, snapshotsOf } from '../volume/views.ts'
import { newVolumePart, volumeFromCopy } from '../volume/volume-from-copy.ts'
import { keyOf, underKey, type VolumeWork } from '../volume/work.ts'
import { volumesOfServer } from './attachments.ts'
import type { ServerDisks, ServerVolumeCopy } from './copy.ts'
import { unlessGone } from './image.ts'
import type { RestingState } from './power.ts'
import { putBackVolumes, standIn } from './put-back-volumes.ts'
import { replaceServer } from './replace.ts'
import type { RestoredServer, ServerRestoreOptions } from './restore.ts'
import { findServer } from './server.ts'

interface Exchange {
  readonly copy: ServerDisks
  readonly root: ServerVolumeCopy
  readonly power: RestingState
  readonly options: ServerRestoreOptions
}

export async function exchange(
  work: VolumeWork,
  serverId: string,
  { copy, root, power, options }: Exchange,
): Promise<RestoredServer> {
  const { lasting, memory } = options
  if (await bootsFromOurs(rootWork(work, root.copy, memory('root')), serverId, root))
    return { serverId, leftVolumeId: null }
  try {
    const rootVolumeId = await newRoot(work, root.copy, memory('root'))
    const { server, oldRootVolumeId } = await replaceServer(work, serverId, {
      rootVolumeId,
      power,
      lasting,
      memory: memory('replacement'),
      // Before the new one boots: its guest must not see what is about to be put back.
      whileOff: () =>
        putBackVolumes(
          work,
          serverId,
          copy.volumes.filter(({ isRoot }) => !isRoot),
          options,
        ),
    })
    await standIn(root.copy, rootVolumeId, options)
    return { serverId: server.id, leftVolumeId: oldRootVolumeId }
  } catch (thrown) {
    await dropNewRoot(work, root.copy, options)
    throw thrown
  }
}

/** Nothing is left of a restore that failed, but what a server has. */
async function dropNewRoot(
  work: VolumeWork,
  copy: VolumeCopy,
  { lasting, memory }: ServerRestoreOptions,
): Promise<void> {
  const key = keyOf(rootWork(work, copy, memory('root')), newVolumePart(copy))
  try {
    for await (const volume of allVolumes(lasting)) {
      if (!isMarked(volume.metadata, key) || volume.attachments.length > 0) continue
      await dropVolume(lasting, volume.id)
      await memory('root').write(undefined)
    }
  } catch (thrown) {
    lasting.log.error(`A volume made of '${copy.name}' may be left: ${(thrown as Error).message}`)
  }
}

/** An attempt whose outcome nobody heard of has come to its end. */
async function bootsFromOurs(work: VolumeWork, serverId: string, { copy }: ServerVolumeCopy): Promise<boolean> {
  const { cloud } = work
  const server = await findServer(cloud, serverId)
  const root = server && (await volumesOfServer(cloud, server)).find(({ isRoot }) => isRoot)
  const volume = root && (await findVolume(cloud, root.volumeId))
  return isMarked(volume?.metadata, keyOf(work, newVolumePart(copy)))
}

/** Made while the server still runs; that of an attempt that died may be in use already. */
export async function newRoot(work: VolumeWork, copy: VolumeCopy, memory: Memory): Promise<string> {
  const known = memory.read()
  if (isJsonObject(known) && known['copy'] === idOf(copy) && typeof known['volumeId'] === 'string') {
    if ((await findVolume(work.cloud, known['volumeId'])) !== undefined) return known['volumeId']
  }
  const own = rootWork(work, copy, memory)
  // Before it is made: by this key whoever comes after us finds it, also as another piece of work.
  await memory.write({ copy: idOf(copy), key: own.key })
  const { id } = await volumeFromCopy(own, copy, { standsFor: copy.volume.id })
  await memory.write({ copy: idOf(copy), key: own.key, volumeId: id })
  return id
}

/** A restore that is carried on is another piece of work, with another key. */
function rootWork(work: VolumeWork, copy: VolumeCopy, memory: Memory): VolumeWork {
  const known = memory.read()
  const key = isJsonObject(known) && known['copy'] === idOf(copy) ? known['key'] : undefined
  return typeof key === 'string' ? underKey(work, key) : work
}

/**
 * Deletes a volume that a server booted from before it was restored. It stays while copies rest on it, or when it is another
 * node's.
 */
export async function dropOldRoot(work: VolumeWork, volumeId: string): Promise<'gone' | 'needed'> {
  const { cloud } = work
  if ((await findVolume(cloud, volumeId)) === undefined) return 'gone'
  const volume = await readVolume(cloud, volumeId)
  const owner = volume.metadata[markNames.node]
  const isOthers = typeof owner === 'string' && owner !== work.node.slice(0, 255)
  if (isOthers || volume.attachments.length > 0) return 'needed'
  for await (const _snapshot of snapshotsOf(cloud, volumeId)) return 'needed'
  await dropVolume(cloud, volumeId)
  return 'gone'
}

/** Resolves when it is gone. What is gone already is as good. */
export async function dropVolume(cloud: Cloud, id: string): Promise<void> {
  // One that is being made, or filled, cannot be deleted before that is over.
  await until(cloud, () => findVolume(cloud, id), {
    isDone: (volume) => volume === undefined || volume.status === 'available' || isFailure(volume.status),
    late: (volume, limit) => notReached('volume', id, { status: volume?.status ?? 'gone', wanted: 'deleted', limit }),
  })
  await cloud.request({ service: 'volume', method: 'DELETE', path: pathOf`/volumes/${id}` }).catch(unlessGone)
  await untilGone(cloud, () => findVolume(cloud, id), {
    kind: 'volume',
    id,
    failed: (status) => status === 'error_deleting',
    status: ({ status }) => status,
  })
}
