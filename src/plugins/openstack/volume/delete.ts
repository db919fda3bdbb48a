// Copies of volumes deleted again: by the ids that are on record, or by the key of the work that made them. Never by a name.
import { Fault } from '../../../kernel/fault.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { copyNeeded } from '../errors.ts'
import { volumeReason } from '../reasons.ts'
import { untilGone } from '../wait.ts'
import { allDone } from './all-done.ts'
import { backupPart, findOwnBackup } from './backup.ts'
import type { VolumeCopy } from './copy.ts'
import { deleteGroupSnapshot, findGroupSnapshot } from './group-snapshot.ts'
import { isMarked } from '../mark.ts'
import { isFailed, untilBackup, untilServersIdle, untilSnapshot } from './status.ts'
import { findBackup, findSnapshot, findVolume, snapshotsOf } from './views.ts'
import { keyOf, type VolumeWork } from './work.ts'

/** What is gone is as good. @throws Fault `openstack.copy_needed`, `openstack.error_state` */
export async function deleteCopies(cloud: Cloud, copies: readonly VolumeCopy[]): Promise<void> {
  const backups = copies.flatMap(({ backupId }) => (backupId === null ? [] : [backupId]))
  await allDone(backups.map((id) => deleteBackup(cloud, id)))
  await deleteSnapshots(cloud, copies)
}

/** Those of a group go together. */
export async function deleteSnapshots(
  cloud: Cloud,
  copies: readonly Pick<VolumeCopy, 'snapshotId' | 'groupSnapshotId'>[],
): Promise<void> {
  const groups = new Set(copies.flatMap(({ groupSnapshotId: id }) => (id === null ? [] : [id])))
  const alone = copies.flatMap(({ snapshotId: id, groupSnapshotId }) =>
    id === null || groupSnapshotId !== null ? [] : [id],
  )
  await allDone([
    ...[...groups].map((id) => deleteGroupSnapshot(cloud, id)),
    ...alone.map((id) => deleteSnapshot(cloud, id)),
  ])
}

/** What a piece of work made of these volumes, whether or not its outcome is known. */
export async function undoVolumes(work: VolumeWork, volumeIds: readonly string[]): Promise<void> {
  const { cloud } = work
  for (const id of volumeIds) {
    const backup = await findOwnBackup(cloud, id, keyOf(work, backupPart(id)))
    if (backup !== undefined) await deleteBackup(cloud, backup.id)
  }
  const whole = await findGroupSnapshot(work)
  if (whole !== undefined) await deleteGroupSnapshot(cloud, whole.id)
  for (const id of volumeIds) {
    const key = keyOf(work, `snapshot/${id}`)
    for await (const one of snapshotsOf(cloud, id)) if (isMarked(one.metadata, key)) await deleteSnapshot(cloud, one.id)
  }
}

export async function deleteBackup(cloud: Cloud, id: string): Promise<void> {
  const there = await findBackup(cloud, id)
  if (there === undefined) return
  if (there.has_dependent_backups) throw copyNeeded('backup', id, 'newer backups rest on it')
  // Cinder refuses while it is made or read.
  if (there.status === 'creating') await settledSomehow(untilBackup(cloud, id))
  if (there.status === 'restoring') await untilBackup(cloud, id)
  await remove(cloud, 'backup', id, () => findBackup(cloud, id))
}

export async function deleteSnapshot(cloud: Cloud, id: string): Promise<void> {
  const there = await findSnapshot(cloud, id)
  if (there === undefined) return
  // One of a group that was taken for one that stands alone would be refused.
  if (there.group_snapshot_id) return deleteGroupSnapshot(cloud, there.group_snapshot_id)
  if (there.status === 'creating') await settledSomehow(untilSnapshot(cloud, id))
  if (there.status === 'backing-up' || there.status === 'restoring') await untilSnapshot(cloud, id)
  // Where hypervisors take part in it, as with files on a share, Nova refuses while it is at something else with the server,
  // such as an image of it; and what Cinder then has in error_deleting no user can delete.
  const volume = await findVolume(cloud, there.volume_id)
  if (volume !== undefined) await untilServersIdle(cloud, volume)
  await remove(cloud, 'snapshot', id, () => findSnapshot(cloud, id))
}

async function remove(
  cloud: Cloud,
  kind: 'backup' | 'snapshot',
  id: string,
  read: () => Promise<{ readonly status: string } | undefined>,
): Promise<void> {
  const before = await read()
  if (before === undefined) return
  if (before.status !== 'deleting') {
    const path = kind === 'backup' ? pathOf`/backups/${id}` : pathOf`/snapshots/${id}`
    try {
      await cloud.request({ service: 'volume', method: 'DELETE', path })
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.code !== 'openstack.not_found') throw thrown
    }
  }
  await untilGone(cloud, read, {
    kind,
    id,
    failed: (status) => status === 'error_deleting',
    status: ({ status }) => status,
    reason: () => volumeReason(cloud, id),
  })
}

// What ended in an error can be deleted as well.
async function settledSomehow(end: Promise<unknown>): Promise<void> {
  try {
    await end
  } catch (thrown) {
    if (!isFailed(thrown)) throw thrown
  }
}
