// Snapshots of volumes: of several at one instant where they are in one group, or else one beside the other. When it resolves
// the instant is past, and whoever writes to the volumes may go on.
import type { Cloud } from '../client/cloud.ts'
import { allDone } from './all-done.ts'
import { deleteSnapshot } from './delete.ts'
import { isFailed, untilServersIdle, untilSnapshot } from './status.ts'
import { snapshotGroup, wholeGroupOf } from './group-snapshot.ts'
import { newest, snapshotsOf, type SnapshotView, type VolumeView } from './views.ts'
import { madeOnce, type VolumeWork } from './work.ts'

export interface NewSnapshot {
  /** For people. */
  readonly nameOf: (volumeId: string) => string
  /** For people; the originals kept the type of the backup there. */
  readonly description: string
}

export interface TakenSnapshot {
  readonly volume: VolumeView
  readonly snapshot: SnapshotView
  /** Of all of them, which goes as a whole; null: it stands alone. */
  readonly groupSnapshotId: string | null
}

/** In the order of the volumes. */
export async function takeSnapshots(
  work: VolumeWork,
  volumes: readonly VolumeView[],
  wanted: NewSnapshot,
): Promise<readonly TakenSnapshot[]> {
  const group = await wholeGroupOf(work.cloud, volumes)
  if (group !== undefined) return snapshotGroup(work, group, volumes, wanted)
  // All are asked for before one is waited for.
  const begun = await allDone(volumes.map((volume) => askFor(work, volume, wanted)))
  const taken = await allDone(
    volumes.map(async (volume, index) => captured(work, volume, begun[index]?.id ?? '', wanted)),
  )
  return volumes.map((volume, index) => {
    const snapshot = taken[index]
    if (snapshot === undefined) throw new Error('a snapshot for each volume')
    return { volume, snapshot, groupSnapshotId: null }
  })
}

// Where hypervisors take part in it, as with files on a share, Nova refuses while it is at something else with the server,
// such as an image of it; Cinder then tells but that it has failed.
async function captured(work: VolumeWork, volume: VolumeView, id: string, wanted: NewSnapshot): Promise<SnapshotView> {
  const { cloud } = work
  try {
    return await untilSnapshot(cloud, id)
  } catch (thrown) {
    if (!isFailed(thrown) || volume.attachments.length === 0) throw thrown
    await deleteSnapshot(cloud, id)
    await untilServersIdle(cloud, volume)
    const { id: another } = await askFor(work, volume, wanted)
    return untilSnapshot(cloud, another)
  }
}

function askFor(work: VolumeWork, volume: VolumeView, { nameOf, description }: NewSnapshot): Promise<SnapshotView> {
  const { cloud } = work
  return madeOnce<SnapshotView>(work, {
    part: `snapshot/${volume.id}`,
    list: () => snapshotsOf(cloud, volume.id),
    metadataOf: ({ metadata }) => metadata,
    async create(metadata) {
      const snapshot = { volume_id: volume.id, name: nameOf(volume.id), description, metadata }
      const { body } = await cloud.request<{ readonly snapshot: SnapshotView }>({
        service: 'volume',
        method: 'POST',
        path: '/snapshots',
        // In use as well. From 3.66 on that needs no word.
        body: { snapshot: { ...snapshot, force: true } },
        microversion: await oldEnough(cloud),
      })
      return body.snapshot
    },
  })
}

const oldEnough = (cloud: Cloud): Promise<string | undefined> => cloud.bestVersion('volume', newest.groupSnapshot)
