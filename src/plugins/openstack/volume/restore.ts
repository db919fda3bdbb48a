// A volume put back to what a copy of it holds: taken off its servers for that, written over, and attached again where it was,
// whatever happens meanwhile. It keeps its id, and newer snapshots of it stay.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { copyDamaged, notRestorable } from '../errors.ts'
import { findServer } from '../server/server.ts'
import { attachVolume, detachVolume } from './attachments.ts'
import { savedVolume, type Seat, type VolumeCopy } from './copy.ts'
import type { Memory } from './memory.ts'
import { contentsFor, dropContents, tidied, type Contents } from './restore-contents.ts'
import { checkCopy } from './save.ts'
import { copyLimit, untilBackup, untilSnapshot, untilVolume } from './status.ts'
import { findVolume, isStuck, newest, type VolumeView } from './views.ts'
import { volumeFromCopy } from './volume-from-copy.ts'
import { sameWork, type VolumeWork } from './work.ts'

export interface RestoreOptions {
  /** The same cloud for who cleans up: it heeds no cancel. */
  readonly lasting: Cloud
  /** The volume that is to have it. Default: the one that was copied. */
  readonly volumeId?: string | undefined
  /** Where one is attached that is made anew. Default: where the copied one was, as far as that is there. */
  readonly seats?: readonly Seat[] | undefined
  /** Where the volume was attached: an attempt that died may have left it nowhere. */
  readonly memory: Memory
}

/**
 * Does not touch the power of servers: those that hold the volume should be off. Of a backup whose volume is gone another one
 * is made. Resolves with the id of the volume.
 *
 * @throws Fault `openstack.copy_damaged`, `openstack.not_restorable`, `openstack.error_state`
 */
export async function restoreVolume(work: VolumeWork, copy: VolumeCopy, options: RestoreOptions): Promise<string> {
  const { cloud } = work
  const { lasting } = options
  const ready = await madeReady(work, copy, options)
  if (ready === undefined) return restoredAnew(work, copy, options)
  const { volume, contents } = ready
  try {
    await offItsServers(work, volume, options, () => putBack(work, volume, contents))
  } catch (thrown) {
    await tidied(cloud, 'a backup made on the way is left', dropContents(lasting, contents))
    throw thrown
  }
  await dropContents(lasting, contents)
  return volume.id
}

interface Ready {
  readonly volume: VolumeView
  readonly contents: Contents
}

/** All that does not keep the volume from its servers. undefined: it is gone. */
async function madeReady(work: VolumeWork, copy: VolumeCopy, options: RestoreOptions): Promise<Ready | undefined> {
  const { cloud } = work
  const { lasting, volumeId, memory } = options
  try {
    const volume = await checkRestore(cloud, copy, volumeId)
    return volume && { volume, contents: await contentsFor(work, lasting, volume, copy) }
  } catch (thrown) {
    // An attempt that died may have left the volume off its servers.
    const left = isJsonObject(memory.read()) ? await findVolume(lasting, volumeId ?? copy.volume.id) : undefined
    if (left !== undefined) {
      const seats = seatsBefore(memory.read(), left)
      const end = giveBack(work, lasting, left, seats).then(() => memory.write(undefined))
      await tidied(cloud, `volume ${left.id} is not attached again`, end)
    }
    throw thrown
  }
}

/**
 * The volume that is to have it, as it is now; undefined: it is gone. Changes nothing.
 *
 * @throws Fault `openstack.copy_damaged`, `openstack.not_restorable`
 */
export async function checkRestore(cloud: Cloud, copy: VolumeCopy, volumeId?: string): Promise<VolumeView | undefined> {
  const { isUsable, reason } = await checkCopy(cloud, copy)
  if (!isUsable) throw copyDamaged(copy.name, reason ?? 'nobody knows why')
  const volume = await findVolume(cloud, volumeId ?? copy.volume.id)
  if (volume === undefined) return undefined
  const { id, size, status } = volume
  if (size < copy.volume.size) throw notRestorable(id, `it has ${size} GiB, and the copy ${copy.volume.size} GiB`)
  if (isStuck(volume)) throw notRestorable(id, `it is in status ${status}, out of which only an administrator leads`)
  return volume
}

async function restoredAnew(work: VolumeWork, copy: VolumeCopy, { seats }: RestoreOptions): Promise<string> {
  const { cloud } = work
  const { id } = await volumeFromCopy(sameWork(work, 'restore'), copy)
  for (const { serverId, device } of seats ?? copy.volume.seats) {
    if ((await findServer(cloud, serverId)) !== undefined) await attachVolume(cloud, { volumeId: id, serverId, device })
    else cloud.log.warning(`Volume ${id} is not attached: server ${serverId}, which had it as ${device}, is gone`)
  }
  return id
}

async function offItsServers(
  work: VolumeWork,
  volume: VolumeView,
  { lasting, memory }: RestoreOptions,
  act: () => Promise<void>,
): Promise<void> {
  const { cloud } = work
  const seats = seatsBefore(memory.read(), volume)
  if (seats.length > 0) await memory.write({ volumeId: volume.id, seats })
  const problems: unknown[] = []
  try {
    for (const { serverId } of seats) await detachVolume(cloud, { volumeId: volume.id, serverId })
    await untilVolume(cloud, volume.id, { deadline: copyLimit(volume.size, work.copyLimit) })
    await act()
  } catch (thrown) {
    problems.push(thrown)
  }
  try {
    await giveBack(work, lasting, volume, seats)
    if (seats.length > 0) await memory.write(undefined)
  } catch (thrown) {
    problems.push(thrown)
    const where = seats.map(({ serverId, device }) => `server ${serverId} as ${device}`).join(', ')
    cloud.log.error(`Volume ${volume.id} is not attached again: it was at ${where}`)
  }
  if (problems.length > 0) throw problems[0]
}

async function giveBack(work: VolumeWork, lasting: Cloud, volume: VolumeView, seats: readonly Seat[]): Promise<void> {
  if (seats.length === 0) return
  // What was begun goes on without us, and nobody can have the volume before its end.
  const deadline = copyLimit(volume.size, work.copyLimit)
  await untilVolume(lasting, volume.id, { wanted: ['available', 'in-use'], deadline })
  for (const { serverId, device } of seats) {
    const got = await attachVolume(lasting, { volumeId: volume.id, serverId, device })
    if (got !== device)
      work.cloud.log.warning(`Volume ${volume.id} was ${device} of server ${serverId}, and is ${got} now`)
  }
}

function seatsBefore(value: Json | undefined, volume: VolumeView): readonly Seat[] {
  const { id, seats: now } = savedVolume(volume)
  if (!isJsonObject(value) || value['volumeId'] !== id || !Array.isArray(value['seats'])) return now
  const kept = value['seats'] as unknown as readonly Seat[]
  // Somebody has attached it elsewhere since an attempt died.
  const isMoved = now.some((seat) => !kept.some(({ serverId }) => serverId === seat.serverId))
  return isMoved ? now : kept
}

async function putBack({ cloud, copyLimit: given }: VolumeWork, volume: VolumeView, contents: Contents): Promise<void> {
  const { id, size } = volume
  const deadline = copyLimit(size, given)
  const isRevert = contents.kind === 'revert'
  await cloud.request({
    service: 'volume',
    method: 'POST',
    path: isRevert ? pathOf`/volumes/${id}/action` : pathOf`/backups/${contents.id}/restore`,
    body: isRevert ? { revert: { snapshot_id: contents.id } } : { restore: { volume_id: id } },
    microversion: isRevert ? newest.revert : undefined,
  })
  await untilVolume(cloud, id, { deadline })
  await (isRevert ? untilSnapshot : untilBackup)(cloud, contents.id, { deadline })
}
