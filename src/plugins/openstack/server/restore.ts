// A server put back to what a copy of it holds: all of it is checked before anything is touched, it is off meanwhile, and in
// the end it does what it did before, whatever happens. Works with a cloud and ids alone.
import { isJsonObject } from '../../../kernel/json.ts'
import { Fault } from '../../../kernel/fault.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { cannot, copyDamaged, missing } from '../errors.ts'
import { isMarked, markNames } from '../mark.ts'
import { untilGone } from '../wait.ts'
import { idOf } from '../volume/copy.ts'
import { restoreVolume, type Memory } from '../volume/restore.ts'
import { findVolume, readVolume, snapshotsOf } from '../volume/views.ts'
import { newVolumePart, volumeFromCopy } from '../volume/volume-from-copy.ts'
import { keyOf, type VolumeWork } from '../volume/work.ts'
import type { ServerDisks, ServerVolumeCopy } from './copy.ts'
import { volumesOfServer } from './attachments.ts'
import { bring, restingState, restingStates, stopServer, type RestingState } from './power.ts'
import { rebuildServer } from './rebuild.ts'
import { replaceServer } from './replace.ts'
import { checkServerCopy } from './save.ts'
import { findServer } from './server.ts'

export interface ServerRestoreOptions {
  /** The same cloud for who cleans up: it heeds no cancel. */
  readonly lasting: Cloud
  /** Several, by their names: what an attempt that died must leave behind. */
  memory(name: 'power' | 'volume' | 'root' | 'replacement'): Memory
}

export interface RestoredServer {
  /** Another one than before where it boots from a volume. */
  readonly serverId: string
  /** What it booted from before, and nobody needs any more. */
  readonly leftVolumeId: string | null
}

/** May be called again, with the same memories, which the caller forgets afterwards. @throws Fault `openstack.copy_damaged` before anything is touched */
export async function restoreServer(
  work: VolumeWork,
  serverId: string,
  copy: ServerDisks,
  options: ServerRestoreOptions,
): Promise<RestoredServer> {
  const { cloud } = work
  const { isUsable, reason } = await checkServerCopy(cloud, copy)
  if (!isUsable) throw copyDamaged(copy.name, reason ?? 'nobody knows why')
  const root = copy.volumes.find(({ isRoot }) => isRoot)
  const power = await powerBefore(cloud, serverId, copy, options)
  let restored: RestoredServer = { serverId, leftVolumeId: null }
  try {
    if (root === undefined) await overwrite(work, serverId, copy, options)
    else restored = await exchange(work, serverId, { copy, root, power, options })
    await bring(cloud, restored.serverId, power)
  } catch (thrown) {
    await putBackPower(options, restored.serverId, power)
    throw thrown
  }
  return restored
}

/** What it did when the restore began, also for an attempt that finds it stopped. */
async function powerBefore(
  cloud: Cloud,
  serverId: string,
  copy: ServerDisks,
  { memory }: ServerRestoreOptions,
): Promise<RestingState> {
  const kept = memory('power').read()
  const known = restingStates.find((state) => isJsonObject(kept) && kept['power'] === state)
  if (known !== undefined) return known
  const server = await findServer(cloud, serverId)
  if (server === undefined) throw missing('server', serverId)
  const now = await restingState(cloud, serverId)
  // One in ERROR may be rebuilt out of it.
  const power = now ?? (server.status === 'ERROR' && copy.imageId !== null ? copy.power : undefined)
  if (power === undefined) throw cannot('server', server.name, 'restored', server.status)
  await memory('power').write({ power })
  return power
}

async function overwrite(
  work: VolumeWork,
  serverId: string,
  { imageId, volumes }: ServerDisks,
  { lasting, memory }: ServerRestoreOptions,
): Promise<void> {
  await stopServer(work.cloud, serverId).catch((thrown: unknown) => unlessBroken(work.cloud, serverId, thrown))
  if (imageId !== null) await rebuildServer(work.cloud, serverId, imageId)
  // Nova has taken one that was in ERROR for one that is to run.
  await stopServer(work.cloud, serverId)
  // One after the other, in the order of their devices: each finds the place free that it had.
  for (const { copy } of volumes) await restoreVolume(work, copy, { lasting, memory: memory('volume') })
}

// A server in ERROR cannot always be stopped, and a rebuild may be what mends it.
async function unlessBroken(cloud: Cloud, serverId: string, thrown: unknown): Promise<void> {
  const server = thrown instanceof Fault ? await findServer(cloud, serverId) : undefined
  if (server?.status !== 'ERROR') throw thrown
}

interface Exchange {
  readonly copy: ServerDisks
  readonly root: ServerVolumeCopy
  readonly power: RestingState
  readonly options: ServerRestoreOptions
}

async function exchange(
  work: VolumeWork,
  serverId: string,
  { copy, root, power, options }: Exchange,
): Promise<RestoredServer> {
  const { lasting, memory } = options
  if (await bootsFromOurs(work, serverId, root)) return { serverId, leftVolumeId: null }
  const rootVolumeId = await newRoot(work, root, memory('root'))
  const { server, oldRootVolumeId } = await replaceServer(work, serverId, {
    rootVolumeId,
    power,
    lasting,
    memory: memory('replacement'),
    // Before the new one boots: its guest must not see what is about to be put back.
    async whileOff() {
      for (const { copy: one } of copy.volumes.filter(({ isRoot }) => !isRoot)) {
        await restoreVolume(work, one, { lasting, memory: memory('volume') })
      }
    },
  })
  return { serverId: server.id, leftVolumeId: oldRootVolumeId }
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
async function newRoot(work: VolumeWork, { copy }: ServerVolumeCopy, memory: Memory): Promise<string> {
  const known = memory.read()
  if (isJsonObject(known) && known['copy'] === idOf(copy) && typeof known['volumeId'] === 'string') {
    if ((await findVolume(work.cloud, known['volumeId'])) !== undefined) return known['volumeId']
  }
  const { id } = await volumeFromCopy(work, copy)
  await memory.write({ copy: idOf(copy), volumeId: id })
  return id
}

// What failed is what must be told; that it does not run again must be told, too.
async function putBackPower(
  { lasting, memory }: ServerRestoreOptions,
  serverId: string,
  power: RestingState,
): Promise<void> {
  try {
    await bring(lasting, serverId, power)
    await memory('power').write(undefined)
  } catch (thrown) {
    lasting.log.error(`Server ${serverId} was ${power} and is not put back to that: ${(thrown as Error).message}`)
  }
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
  await cloud.request({ service: 'volume', method: 'DELETE', path: pathOf`/volumes/${volumeId}` })
  await untilGone(cloud, () => findVolume(cloud, volumeId), {
    kind: 'volume',
    id: volumeId,
    status: ({ status }) => status,
  })
  return 'gone'
}
