// Volumes, snapshots and backups as Cinder shows them: what is read of them here, and how one is read.
import type { JsonObject } from '../../../kernel/json.ts'
import type { Query } from '../../http/query.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { missing } from '../errors.ts'

export interface VolumeView {
  readonly id: string
  readonly name: string | null
  readonly status: string
  /** GiB. */
  readonly size: number
  readonly volume_type: string | null
  readonly availability_zone: string | null
  /** A text: `true`. */
  readonly bootable: string
  readonly metadata: JsonObject
  readonly attachments: readonly AttachmentView[]
  /** From 3.13 on. */
  readonly group_id?: string | null
}

export interface AttachmentView {
  readonly server_id: string
  readonly device: string | null
}

export interface SnapshotView {
  readonly id: string
  readonly name: string | null
  readonly status: string
  readonly size: number
  readonly volume_id: string
  readonly created_at: string
  readonly metadata: JsonObject
  /** From 3.14 on. */
  readonly group_snapshot_id?: string | null
}

export interface BackupView {
  readonly id: string
  readonly name: string | null
  readonly description: string | null
  readonly status: string
  readonly size: number
  readonly volume_id: string
  readonly snapshot_id: string | null
  readonly is_incremental: boolean
  readonly has_dependent_backups: boolean
  readonly fail_reason: string | null
  readonly created_at: string
  readonly data_timestamp: string
  /** From 3.43 on. */
  readonly metadata?: JsonObject | null
}

/** What the versions above first told of. */
export const newest = { group: '3.13', groupSnapshot: '3.14', metadataFilter: '3.22', revert: '3.40', marked: '3.43' }

export async function findVolume(cloud: Cloud, id: string): Promise<VolumeView | undefined> {
  const microversion = await cloud.bestVersion('volume', newest.group)
  const path = pathOf`/volumes/${id}`
  return (await cloud.find<{ readonly volume: VolumeView }>({ service: 'volume', path, microversion }))?.volume
}

/** Other states end by themselves. */
export function isStuck({ status }: Pick<VolumeView, 'status'>): boolean {
  return /^error|^maintenance$/.test(status)
}

/** @throws Fault `openstack.missing` */
export async function readVolume(cloud: Cloud, id: string): Promise<VolumeView> {
  const volume = await findVolume(cloud, id)
  if (volume === undefined) throw missing('volume', id)
  return volume
}

export async function findSnapshot(cloud: Cloud, id: string): Promise<SnapshotView | undefined> {
  const microversion = await cloud.bestVersion('volume', newest.groupSnapshot)
  const path = pathOf`/snapshots/${id}`
  return (await cloud.find<{ readonly snapshot: SnapshotView }>({ service: 'volume', path, microversion }))?.snapshot
}

export async function findBackup(cloud: Cloud, id: string): Promise<BackupView | undefined> {
  const microversion = await cloud.bestVersion('volume', newest.marked)
  const path = pathOf`/backups/${id}`
  return (await cloud.find<{ readonly backup: BackupView }>({ service: 'volume', path, microversion }))?.backup
}

export async function* snapshotsOf(cloud: Cloud, volumeId: string): AsyncIterable<SnapshotView> {
  const microversion = await cloud.bestVersion('volume', newest.groupSnapshot)
  const request = {
    service: 'volume',
    path: '/snapshots/detail',
    query: { volume_id: volumeId },
    microversion,
  } as const
  // Filters that a cloud does not know it may leave out.
  for await (const one of cloud.pages<SnapshotView>(request, 'snapshots')) if (one.volume_id === volumeId) yield one
}

export async function* backupsOf(cloud: Cloud, volumeId: string): AsyncIterable<BackupView> {
  const microversion = await cloud.bestVersion('volume', newest.marked)
  const request = { service: 'volume', path: '/backups/detail', query: { volume_id: volumeId }, microversion } as const
  for await (const one of cloud.pages<BackupView>(request, 'backups')) if (one.volume_id === volumeId) yield one
}

export async function* allVolumes(cloud: Cloud, query: Query = {}): AsyncIterable<VolumeView> {
  const microversion = await cloud.bestVersion('volume', newest.group)
  yield* cloud.pages<VolumeView>({ service: 'volume', path: '/volumes/detail', query, microversion }, 'volumes')
}
