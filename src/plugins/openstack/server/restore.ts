// A server put back to what a copy of it holds: all of it is checked before anything is touched, it is off meanwhile, and in
// the end it does what it did before, whatever happens. Works with a cloud and ids alone.
import { isJsonObject } from '../../../kernel/json.ts'
import { Fault } from '../../../kernel/fault.ts'
import type { Cloud } from '../client/cloud.ts'
import { cannot, copyDamaged, missing } from '../errors.ts'
import type { Memory } from '../volume/memory.ts'
import type { VolumeWork } from '../volume/work.ts'
import type { ServerCopy, ServerDisks } from './copy.ts'
import { exchange } from './exchange-root.ts'
import { bring, restingState, restingStates, stopServer, type RestingState } from './power.ts'
import { putBackVolumes } from './put-back-volumes.ts'
import { rebuildServer } from './rebuild.ts'
import { remakeServer } from './remake.ts'
import { checkServerCopy } from './save.ts'
import { findServer } from './server.ts'

export interface ServerRestoreOptions {
  /** The same cloud for who cleans up: it heeds no cancel. */
  readonly lasting: Cloud
  /** Several, by their names: what an attempt that died must leave behind. */
  memory(name: 'power' | 'volume' | 'root' | 'replacement'): Memory
  /** Volume -> the one that stands in for it since it is gone. Outlives the restore. */
  readonly standIns?: Memory
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
  if ('server' in copy && (await isGone(cloud, serverId, options))) return remade(work, copy as ServerCopy, options)
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

/** An attempt that has deleted it, with another in its place, is merely gone on with. */
async function isGone(cloud: Cloud, serverId: string, { memory }: ServerRestoreOptions): Promise<boolean> {
  if ((await findServer(cloud, serverId)) !== undefined) return false
  const known = memory('replacement').read()
  return !isJsonObject(known) || known['server'] === undefined
}

async function remade(work: VolumeWork, copy: ServerCopy, options: ServerRestoreOptions): Promise<RestoredServer> {
  const id = await remakeServer(work, copy, options)
  await bring(work.cloud, id, copy.power)
  return { serverId: id, leftVolumeId: null }
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
  options: ServerRestoreOptions,
): Promise<void> {
  await stopServer(work.cloud, serverId).catch((thrown: unknown) => unlessBroken(work.cloud, serverId, thrown))
  if (imageId !== null) await rebuildServer(work.cloud, serverId, imageId)
  // Nova has taken one that was in ERROR for one that is to run.
  await stopServer(work.cloud, serverId)
  await putBackVolumes(work, serverId, volumes, options)
}

// A server in ERROR cannot always be stopped, and a rebuild may be what mends it.
async function unlessBroken(cloud: Cloud, serverId: string, thrown: unknown): Promise<void> {
  const server = thrown instanceof Fault ? await findServer(cloud, serverId) : undefined
  if (server?.status !== 'ERROR') throw thrown
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
