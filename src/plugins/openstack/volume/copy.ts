// What is on record of a copy of a volume, a snapshot or a backup: by its ids alone it is found, restored and deleted again.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { VolumeView } from './views.ts'

export interface VolumeCopy {
  readonly [key: string]: Json
  readonly kind: 'snapshot' | 'backup'
  /** Of the copy, in the cloud. */
  readonly name: string
  /** The volume, as it was when it was copied. */
  readonly volume: SavedVolume
  /** A backup may be made of one, and is then rid of it. */
  readonly snapshotId: string | null
  /** The snapshot came to be with those of other volumes, and goes with them. */
  readonly groupSnapshotId: string | null
  /** null: of a snapshot, or of a backup that is still to be begun. */
  readonly backupId: string | null
  /** Of a backup that holds only what has changed since that one. */
  readonly parentId: string | null
}

export interface SavedVolume {
  readonly [key: string]: Json
  readonly id: string
  readonly name: string
  /** GiB. */
  readonly size: number
  readonly type: string | null
  readonly zone: string | null
  readonly isBootable: boolean
  readonly metadata: JsonObject
  readonly seats: readonly Seat[]
}

/** Where a volume is attached. */
export interface Seat {
  readonly [key: string]: Json
  readonly serverId: string
  readonly device: string | null
}

/** What it is called by: of a backup that was not begun yet that of its snapshot. */
export function idOf({ backupId, snapshotId }: VolumeCopy): string {
  return backupId ?? snapshotId ?? ''
}

export const gibibyte = 1024 ** 3

export function savedVolume({ id, name, size, volume_type, availability_zone, ...more }: VolumeView): SavedVolume {
  return {
    id,
    name: name ?? '',
    size,
    type: volume_type,
    zone: availability_zone,
    isBootable: more.bootable === 'true',
    metadata: more.metadata,
    seats: more.attachments.map(({ server_id, device }) => ({ serverId: server_id, device })),
  }
}

export function isVolumeCopy(value: Json | undefined): value is VolumeCopy {
  if (!isJsonObject(value) || !isJsonObject(value['volume'])) return false
  const { kind, snapshotId, backupId, volume } = value
  const isText = (one: Json | undefined): boolean => typeof one === 'string' && one !== ''
  return (
    (kind === 'snapshot' || kind === 'backup') &&
    (isText(snapshotId) || isText(backupId)) &&
    isText(volume['id']) &&
    Array.isArray(volume['seats'])
  )
}
