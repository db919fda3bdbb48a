// Copies of volumes in two halves: `cutVolumes` resolves when the instant is past and guests may write again, `settleVolumes`
// when every copy was read back. Works with a cloud and ids alone, for nodes and for volumes in no blueprint.
import type { Cloud } from '../client/cloud.ts'
import type { PartCheck } from '../../contract/operation.ts'
import { allDone } from './all-done.ts'
import { beginBackup, finishBackup, parentOf, type NewBackup } from './backup.ts'
import { savedVolume, type VolumeCopy } from './copy.ts'
import { deleteSnapshots } from './delete.ts'
import { takeSnapshots } from './snapshot.ts'
import { untilSnapshot } from './status.ts'
import { findBackup, findSnapshot, readVolume, type VolumeView } from './views.ts'
import type { VolumeWork } from './work.ts'

export interface SaveOptions {
  readonly kind: VolumeCopy['kind']
  /** For people: the names of the copies. */
  readonly nameOf: (volumeId: string) => string
  /** For people; the originals kept the type of the backup there. */
  readonly description: string
  /** Of a backup: only what has changed since the newest one, where that is one of ours. Default: whole. */
  readonly isIncremental?: boolean
  /** How many incremental ones may rest on a whole one, where the cloud can tell. Default: 6. */
  readonly longestChain?: number | undefined
  /**
   * Of a backup of what is attached: `snapshot` (the default) takes its instant first and copies afterwards; `volume` copies
   * what is written to meanwhile, so that the cut lasts as long as the copying.
   */
  readonly source?: 'snapshot' | 'volume'
}

/** In the order of the ids. What it made is taken back by `undoVolumes`, also when it failed in the middle. */
export async function cutVolumes(
  work: VolumeWork,
  ids: readonly string[],
  options: SaveOptions,
): Promise<readonly VolumeCopy[]> {
  const volumes = await Promise.all(ids.map((id) => readVolume(work.cloud, id)))
  if (options.kind === 'snapshot') return bySnapshot(work, volumes, options)
  // Nobody writes to what is free, and nobody can take it while it is copied. With several there is one instant for all.
  const isStill = volumes.length === 1 && volumes[0]?.attachments.length === 0
  if (isStill || options.source === 'volume') return directly(work, volumes, options, !isStill)
  return bySnapshot(work, volumes, options)
}

async function bySnapshot(
  work: VolumeWork,
  volumes: readonly VolumeView[],
  options: SaveOptions,
): Promise<readonly VolumeCopy[]> {
  const taken = await takeSnapshots(work, volumes, options)
  return taken.map(({ volume, snapshot, groupSnapshotId }) => ({
    ...begun(volume, options),
    snapshotId: snapshot.id,
    groupSnapshotId,
  }))
}

async function directly(
  work: VolumeWork,
  volumes: readonly VolumeView[],
  options: SaveOptions,
  isWrittenTo: boolean,
): Promise<readonly VolumeCopy[]> {
  return allDone(
    volumes.map(async (volume) => {
      const copy = begun(volume, options)
      const asked = askedFor(copy)
      const backupId = await beginBackup(work, volume, asked)
      if (isWrittenTo) await finishBackup(work, backupId, volume.id)
      return { ...copy, backupId }
    }),
  )
}

function begun(volume: VolumeView, options: SaveOptions): VolumeCopy {
  const { kind, nameOf, description, isIncremental = false, longestChain = usualChain } = options
  const none = { snapshotId: null, groupSnapshotId: null, backupId: null, parentId: null }
  const copy = { kind, name: nameOf(volume.id), volume: savedVolume(volume), ...none, description }
  return kind === 'snapshot' ? copy : { ...copy, longestChain: isIncremental ? longestChain : 0 }
}

const usualChain = 6

function askedFor({ name, snapshotId, description, longestChain }: VolumeCopy): NewBackup {
  const words = typeof description === 'string' ? description : ''
  return { name, description: words, longestChain: typeof longestChain === 'number' ? longestChain : 0, snapshotId }
}

/** Makes the backups that are still to be made, and deletes the snapshots that they were made of once their server is `free`. */
export async function settleVolumes(
  work: VolumeWork,
  copies: readonly VolumeCopy[],
  free?: Promise<unknown>,
): Promise<readonly VolumeCopy[]> {
  const snapshots = copies.filter(({ kind }) => kind === 'snapshot')
  await allDone(snapshots.map(({ snapshotId }) => untilSnapshot(work.cloud, snapshotId ?? '')))
  const settled = await allDone(
    copies.map(async (copy) => (copy.kind === 'snapshot' ? copy : settleBackup(work, copy))),
  )
  const spent = copies.filter(({ kind, snapshotId }) => kind === 'backup' && snapshotId !== null)
  await free
  await deleteSnapshots(work.cloud, spent)
  return settled
}

async function settleBackup(work: VolumeWork, copy: VolumeCopy): Promise<VolumeCopy> {
  const { volume } = copy
  const backupId = copy.backupId ?? (await beginBackup(work, volume, askedFor(copy)))
  const backup = await finishBackup(work, backupId, volume.id)
  const parentId = await parentOf(work.cloud, backup)
  return { ...copy, backupId, snapshotId: null, groupSnapshotId: null, parentId }
}

/** Reads back, without changing anything, whether a copy is there and usable. */
export async function checkCopy(cloud: Cloud, copy: VolumeCopy): Promise<PartCheck> {
  const { kind, backupId, snapshotId } = copy
  const id = kind === 'backup' ? backupId : snapshotId
  const found = await (kind === 'backup' ? findBackup(cloud, id ?? '') : findSnapshot(cloud, id ?? ''))
  if (found === undefined) return { isUsable: false, isMissing: true, reason: `the ${kind} '${id}' is gone` }
  // It may be read by somebody just now.
  const isUsable = ['available', 'restoring', 'backing-up'].includes(found.status)
  const reason = isUsable ? null : `the ${kind} '${id}' is in status ${found.status}`
  if (!isUsable || copy.parentId === null) return { isUsable, isMissing: false, reason }
  const parent = await findBackup(cloud, copy.parentId)
  if (parent?.status === 'available' || parent?.status === 'restoring') return { isUsable, isMissing: false, reason }
  const why = parent === undefined ? 'is gone' : `is in status ${parent.status}`
  return { isUsable: false, isMissing: false, reason: `the backup '${copy.parentId}' that it rests on ${why}` }
}
