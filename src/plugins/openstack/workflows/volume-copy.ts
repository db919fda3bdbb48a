// A snapshot of the volume that a server boots from, as all that works with copies of volumes knows it.
import type { Cloud } from '../client/cloud.ts'
import { missing } from '../errors.ts'
import { savedVolume, type VolumeCopy } from '../volume/copy.ts'
import { findSnapshot, readVolume } from '../volume/views.ts'

/** @throws Fault `openstack.missing` */
export async function volumeCopyOf(cloud: Cloud, snapshotId: string): Promise<VolumeCopy> {
  const snapshot = await findSnapshot(cloud, snapshotId)
  if (snapshot === undefined) throw missing('snapshot', snapshotId)
  return {
    kind: 'snapshot',
    name: snapshot.name ?? snapshotId,
    volume: savedVolume(await readVolume(cloud, snapshot.volume_id)),
    snapshotId,
    groupSnapshotId: null,
    backupId: null,
    parentId: null,
  }
}
