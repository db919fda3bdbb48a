// Backups of volumes: begun once, upon a backup of ours or whole, and waited for until they are there.
import type { Cloud } from '../client/cloud.ts'
import { missing } from '../errors.ts'
import { isMarked, markFor, markNames, tagOf } from '../mark.ts'
import { copyLimit, untilBackup, untilVolume } from './status.ts'
import { backupsOf, findBackup, findSnapshot, newest, type BackupView, type VolumeView } from './views.ts'
import { keyOf, type VolumeWork } from './work.ts'

export interface NewBackup {
  readonly name: string
  readonly description: string
  /**
   * How many may rest on a whole one. Above 0 it holds only what has changed since the newest one, where that is one of ours,
   * usable, and not yet the last of so many.
   */
  readonly longestChain: number
  /** Of that instant; null: of the volume itself, also while it is in use. */
  readonly snapshotId: string | null
}

/** In the metadata: how many it rests on. */
const depthName = 'fermata_depth'

export const backupPart = (volumeId: string): string => `backup/${volumeId}`

/** Resolves as soon as the cloud has accepted it. */
export async function beginBackup(
  work: VolumeWork,
  volume: Pick<VolumeView, 'id' | 'size'>,
  { name, description, longestChain, snapshotId }: NewBackup,
): Promise<string> {
  const { cloud } = work
  const key = keyOf(work, backupPart(volume.id))
  const { id } = await work.once<{ readonly id: string }>({
    lookUp: () => findOwnBackup(cloud, volume.id, key),
    async create() {
      const parent = longestChain > 0 ? await usableParent(work, volume.id, { snapshotId, longestChain }) : undefined
      const depth = parent === undefined ? 0 : depthOf(parent) + 1
      const isMarkable = await cloud.supports('volume', newest.marked)
      const { body } = await cloud.request<{ readonly backup: { readonly id: string } }>({
        service: 'volume',
        method: 'POST',
        path: '/backups',
        body: {
          backup: {
            volume_id: volume.id,
            name,
            incremental: parent !== undefined,
            ...(snapshotId === null ? { force: true } : { snapshot_id: snapshotId }),
            ...markedBy(key, work, { description, isMarkable, depth }),
          },
        },
        microversion: isMarkable ? newest.marked : undefined,
      })
      return body.backup
    },
  })
  return id
}

/** Waits until it is there. @throws Fault `openstack.error_state` with Cinder's reason, `openstack.not_reached` */
export async function finishBackup(work: VolumeWork, id: string, volumeId: string): Promise<BackupView> {
  const { cloud } = work
  const first = await findBackup(cloud, id)
  if (first === undefined) throw missing('backup', id)
  const deadline = copyLimit(first.size, work.copyLimit)
  const backup = await untilBackup(cloud, id, { deadline })
  // A volume that was copied itself is given back only then.
  if (backup.snapshot_id === null) await untilVolume(cloud, volumeId, { wanted: ['available', 'in-use'], deadline })
  return backup
}

/** The one that an incremental backup rests on, which Cinder does not tell: the newest data before its own. */
export async function parentOf(cloud: Cloud, backup: BackupView): Promise<string | null> {
  if (!backup.is_incremental) return null
  const older: BackupView[] = []
  for await (const one of backupsOf(cloud, backup.volume_id)) {
    if (one.id !== backup.id && one.created_at <= backup.created_at && one.has_dependent_backups) older.push(one)
  }
  const limit = backup.snapshot_id === null ? backup.created_at : backup.data_timestamp
  return newestData(older, limit)?.id ?? null
}

export async function findOwnBackup(cloud: Cloud, volumeId: string, key: string): Promise<BackupView | undefined> {
  for await (const one of backupsOf(cloud, volumeId)) {
    if (isMarked(one.metadata, key) || one.description?.includes(tagOf(key))) return one
  }
  return undefined
}

// Cinder takes the newest one for the parent, whosever it is and whatever became of it.
async function usableParent(
  { cloud, node }: VolumeWork,
  volumeId: string,
  { snapshotId, longestChain }: Pick<NewBackup, 'snapshotId' | 'longestChain'>,
): Promise<BackupView | undefined> {
  const all: BackupView[] = []
  for await (const one of backupsOf(cloud, volumeId)) all.push(one)
  const snapshot = snapshotId === null ? undefined : await findSnapshot(cloud, snapshotId)
  const parent = newestData(all, snapshot?.created_at)
  const why = parent === undefined ? 'there is none before it' : whyNoParent(parent, node, longestChain)
  if (why === undefined) return parent
  cloud.log.info(`The backup of volume ${volumeId} is a whole one: ${why}`)
  return undefined
}

function whyNoParent(parent: BackupView, node: string, longestChain: number): string | undefined {
  if (!isOf(parent, node)) return `the newest one, '${parent.id}', is not of this node`
  if (parent.status !== 'available') return `the newest one, '${parent.id}', is in status ${parent.status}`
  return depthOf(parent) < longestChain ? undefined : `${longestChain} rest on a whole one already`
}

function depthOf({ metadata }: BackupView): number {
  const depth = Number(metadata?.[depthName] ?? 0)
  return Number.isInteger(depth) ? depth : 0
}

/** As Cinder does it: a backup whose data is newer than `limit` counts as the oldest of all. */
function newestData(backups: readonly BackupView[], limit: string | undefined): BackupView | undefined {
  const age = ({ data_timestamp: at }: BackupView): string => (limit === undefined || at < limit ? at : '')
  return backups.toSorted((left, right) => (age(left) < age(right) ? 1 : age(left) > age(right) ? -1 : 0))[0]
}

// What others made they may delete. Older clouds show no more than that it is of some work of ours.
function isOf({ metadata, description }: BackupView, node: string): boolean {
  return metadata?.[markNames.node] === node.slice(0, 255) || /\bfermata-[0-9a-f]{40}\b/.test(description ?? '')
}

interface Described {
  readonly description: string
  readonly isMarkable: boolean
  readonly depth: number
}

// Older clouds give backups no metadata: the mark stands behind the words of the description.
function markedBy(key: string, work: VolumeWork, { description, isMarkable, depth }: Described) {
  if (!isMarkable) return { description: `${description} (${tagOf(key)})` }
  return { description, metadata: { ...markFor(key, work), [depthName]: String(depth) } }
}
