// A volume to boot from, out of a snapshot of another; and gone again, when nothing came of it.
import { pathOf, type Cloud } from '../client/cloud.ts'
import { missing } from '../errors.ts'
import { unlessGone } from '../server/image.ts'
import { untilGone } from '../wait.ts'
import { copyLimit, untilVolume } from '../volume/status.ts'
import { findSnapshot, findVolume, newest, readVolume, type VolumeView } from '../volume/views.ts'
import { madeOnce, type VolumeWork } from '../volume/work.ts'

/** Of a snapshot of a volume, bootable as that was. */
export async function volumeFromSnapshot(
  work: VolumeWork,
  { snapshotId, name }: { readonly snapshotId: string; readonly name: string },
): Promise<VolumeView> {
  const { cloud } = work
  const snapshot = await findSnapshot(cloud, snapshotId)
  if (snapshot === undefined) throw missing('snapshot', snapshotId)
  // Its volume may be gone; then the cloud decides about the type.
  const source = await findVolume(cloud, snapshot.volume_id)
  const made = await madeOnce<VolumeView>(work, {
    part: 'volume',
    list: () => cloud.pages<VolumeView>({ service: 'volume', path: '/volumes/detail' }, 'volumes'),
    metadataOf: ({ metadata }) => metadata,
    async create(metadata) {
      const volume = {
        name,
        snapshot_id: snapshotId,
        size: Math.max(snapshot.size, source?.size ?? 0),
        metadata,
        ...(source?.volume_type ? { volume_type: source.volume_type } : {}),
      }
      const { body } = await cloud.request<{ readonly volume: VolumeView }>({
        service: 'volume',
        method: 'POST',
        path: '/volumes',
        body: { volume },
        microversion: await cloud.bestVersion('volume', newest.group),
      })
      return body.volume
    },
  })
  const volume = await untilVolume(cloud, made.id, {
    wanted: ['available', 'in-use'],
    deadline: copyLimit(snapshot.size, work.copyLimit),
  })
  return volume.bootable === 'true' ? volume : makeBootable(cloud, volume)
}

// A snapshot does not say so itself, and not every cloud remembers.
async function makeBootable(cloud: Cloud, { id }: VolumeView): Promise<VolumeView> {
  const path = pathOf`/volumes/${id}/action`
  await cloud.request({ service: 'volume', method: 'POST', path, body: { 'os-set_bootable': { bootable: true } } })
  return readVolume(cloud, id)
}

/** By its id. What is gone is as good. */
export async function removeVolume(cloud: Cloud, id: string): Promise<void> {
  await cloud.request({ service: 'volume', method: 'DELETE', path: pathOf`/volumes/${id}` }).catch(unlessGone)
  await untilGone(cloud, () => findVolume(cloud, id), {
    kind: 'volume',
    id,
    failed: (status) => status === 'error_deleting',
    status: ({ status }) => status,
  })
}
