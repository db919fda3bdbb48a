// One snapshot of a server: begun with our mark, captured, whole, and gone again.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { copyDamaged } from '../errors.ts'
import { findMarked } from '../mark.ts'
import { beginImage, deleteImage, findImage, untilCaptured, untilImageUsable, type Image } from '../server/image.ts'
import { deleteSnapshots } from '../volume/delete.ts'
import { untilSnapshot } from '../volume/status.ts'
import { newest, snapshotsOf, type SnapshotView } from '../volume/views.ts'
import { keyOf, madeOnce, type VolumeWork } from '../volume/work.ts'
import { copyMarks, copyMetadata, type Copy } from './copies.ts'

export interface NewCopy {
  readonly instanceId: string
  readonly firstId: string
  /** null: its own disk. */
  readonly rootVolume: string | null
  readonly name: string
  readonly pattern: string
  readonly stamp: string
}

export type CopyRef = Pick<Copy, 'kind' | 'id'>

/** Where a snapshot is a copy. */
const longSnapshot: Duration = seconds(1800)

/** Resolves when its instant is past: what the guest writes from now on is not in it. Nobody knows yet whether it is whole. */
export async function takeCopy(work: VolumeWork, wanted: NewCopy): Promise<CopyRef> {
  const { cloud } = work
  if (wanted.rootVolume !== null) {
    // An attempt before this one may have been another round, of which this one knows nothing.
    const { id } =
      (await findOwnSnapshot(work, wanted.rootVolume)) ?? (await takeVolumeSnapshot(work, wanted, wanted.rootVolume))
    // Cinder is done with the volume when the snapshot is there.
    await untilSnapshot(cloud, id, { deadline: longSnapshot })
    return { kind: 'volume_snapshot', id }
  }
  const { id } = (await findOwnImage(work, wanted.instanceId)) ?? (await takeImage(work, wanted))
  await untilCaptured(cloud, wanted.instanceId, id)
  await signImage(cloud, id)
  return { kind: 'image', id }
}

const copyPart = 'copy'

function takeImage(work: VolumeWork, wanted: NewCopy): Promise<Pick<Image, 'id'>> {
  const { cloud } = work
  return madeOnce<Pick<Image, 'id'> & JsonObject>(work, {
    part: copyPart,
    list: () => imagesOf(cloud, wanted.instanceId),
    metadataOf: (image) => image,
    create: async (mark) => {
      const metadata = copyMetadata(mark, wanted)
      return { id: await beginImage(cloud, wanted.instanceId, { name: wanted.name, metadata }) }
    },
  })
}

function takeVolumeSnapshot(work: VolumeWork, wanted: NewCopy, volumeId: string): Promise<SnapshotView> {
  const { cloud } = work
  return madeOnce<SnapshotView>(work, {
    part: copyPart,
    list: () => snapshotsOf(cloud, volumeId),
    metadataOf: ({ metadata }) => metadata,
    async create(mark) {
      // Forced, for the server holds the volume. From 3.66 on that needs no word.
      const snapshot = { volume_id: volumeId, name: wanted.name, force: true, metadata: copyMetadata(mark, wanted) }
      const { body } = await cloud.request<{ readonly snapshot: SnapshotView }>({
        service: 'volume',
        method: 'POST',
        path: '/snapshots',
        body: { snapshot },
        microversion: await cloud.bestVersion('volume', newest.groupSnapshot),
      })
      return body.snapshot
    },
  })
}

// An image that somebody makes of a server that was built of this one inherits all our marks, but is another image.
async function signImage(cloud: Cloud, id: string): Promise<void> {
  const image = await findImage(cloud, id)
  if (image === undefined || image[copyMarks.self] === id) return
  await cloud.request({
    service: 'image',
    method: 'PATCH',
    path: pathOf`/images/${id}`,
    contentType: 'application/openstack-images-v2.1-json-patch',
    body: [{ op: 'add', path: `/${copyMarks.self}`, value: id }],
  })
}

/** Resolves when it was read back as whole. @throws Fault `openstack.error_state`, `openstack.copy_damaged` */
export async function untilWhole(cloud: Cloud, { kind, id }: CopyRef, instanceId: string): Promise<void> {
  if (kind === 'volume_snapshot') {
    await untilSnapshot(cloud, id)
    return
  }
  const { size } = await untilImageUsable(cloud, id, { serverId: instanceId })
  if (!size) throw copyDamaged(id, 'the image is empty')
}

/** Deletes what is on record under its id. What is gone is as good. */
export async function deleteCopy(cloud: Cloud, { kind, id }: CopyRef): Promise<void> {
  if (kind === 'image') await deleteImage(cloud, id)
  else await deleteSnapshots(cloud, [{ snapshotId: id, groupSnapshotId: null }])
}

/** What a piece of work made, whether or not its outcome is known. */
export async function untakeCopy(work: VolumeWork, wanted: Pick<NewCopy, 'instanceId' | 'rootVolume'>): Promise<void> {
  const { cloud } = work
  const image = await findOwnImage(work, wanted.instanceId)
  if (image !== undefined) await deleteImage(cloud, image.id)
  const snapshot = wanted.rootVolume === null ? undefined : await findOwnSnapshot(work, wanted.rootVolume)
  if (snapshot !== undefined) await deleteCopy(cloud, { kind: 'volume_snapshot', id: snapshot.id })
}

const findOwnImage = (work: VolumeWork, instanceId: string): Promise<Image | undefined> =>
  findMarked(imagesOf(work.cloud, instanceId), keyOf(work, copyPart), (image) => image)

const findOwnSnapshot = (work: VolumeWork, volumeId: string): Promise<SnapshotView | undefined> =>
  findMarked(snapshotsOf(work.cloud, volumeId), keyOf(work, copyPart), ({ metadata }) => metadata)

function imagesOf(cloud: Cloud, instanceId: string): AsyncIterable<Image> {
  const query = { instance_uuid: instanceId, owner: cloud.projectId }
  return cloud.pages<Image>({ service: 'image', path: '/images', query }, 'images')
}
