// Where the contents come from that are put back into a volume: a revert where Cinder can do it, a backup, or for an older
// snapshot a backup of it that is made for this alone.
import { asFault } from '../../../kernel/fault.ts'
import type { Cloud } from '../client/cloud.ts'
import { notRestorable } from '../errors.ts'
import { isFailure } from '../wait.ts'
import { backupPart, beginBackup, findOwnBackup, finishBackup } from './backup.ts'
import type { VolumeCopy } from './copy.ts'
import { deleteBackup } from './delete.ts'
import { newest, snapshotsOf, type SnapshotView, type VolumeView } from './views.ts'
import { keyOf, sameWork, type VolumeWork } from './work.ts'

export interface Contents {
  readonly kind: 'revert' | 'restore'
  /** Of the snapshot, or of the backup. */
  readonly id: string
  readonly isTemporary: boolean
}

/** `lasting` cleans up when it goes wrong. */
export async function contentsFor(
  work: VolumeWork,
  lasting: Cloud,
  volume: VolumeView,
  copy: VolumeCopy,
): Promise<Contents> {
  const { cloud } = work
  if (copy.backupId !== null) return { kind: 'restore', id: copy.backupId, isTemporary: false }
  const snapshotId = copy.snapshotId ?? ''
  const why = await whyNoRevert(cloud, volume, snapshotId)
  if (why === undefined) return { kind: 'revert', id: snapshotId, isTemporary: false }
  if (volume.id !== copy.volume.id) throw notRestorable(volume.id, `the snapshot is of volume ${copy.volume.id}`)
  cloud.log.info(`Volume ${volume.id} cannot be reverted, for ${why}: its contents take the way over a backup`)
  const name = `${copy.name}-on-its-way-back`
  const description = 'made for a restore, and deleted after it'
  const way = sameWork(work, `restore/${snapshotId}`)
  const broken = await findOwnBackup(cloud, volume.id, keyOf(way, backupPart(volume.id)))
  if (broken !== undefined && isFailure(broken.status)) await deleteBackup(lasting, broken.id)
  const id = await beginBackup(way, volume, { name, description, longestChain: 0, snapshotId })
  const contents = { kind: 'restore', id, isTemporary: true } as const
  try {
    await finishBackup(work, id, volume.id)
    return contents
  } catch (thrown) {
    await tidied(cloud, 'a backup made on the way is left', dropContents(lasting, contents))
    throw thrown
  }
}

export async function dropContents(cloud: Cloud, { id, isTemporary }: Contents): Promise<void> {
  if (isTemporary) await deleteBackup(cloud, id)
}

// What went wrong before is what people need to know.
export async function tidied(cloud: Cloud, what: string, end: Promise<void>): Promise<void> {
  try {
    await end
  } catch (thrown) {
    cloud.log.error(`${what}: ${asFault(thrown).message}`)
  }
}

// Cinder reverts to the newest snapshot alone, and only to one of the volume's own size.
async function whyNoRevert(cloud: Cloud, volume: VolumeView, snapshotId: string): Promise<string | undefined> {
  if (!(await cloud.supports('volume', newest.revert))) return 'this cloud has no such call'
  const all: SnapshotView[] = []
  for await (const one of snapshotsOf(cloud, volume.id)) all.push(one)
  const wanted = all.find(({ id }) => id === snapshotId)
  if (wanted !== undefined && all.some(({ id, created_at: at }) => id !== snapshotId && at >= wanted.created_at)) {
    return 'there are newer snapshots of it'
  }
  return wanted?.size === volume.size ? undefined : 'it has grown since then'
}
