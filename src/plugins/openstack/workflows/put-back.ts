// A server put back to one of its snapshots in its place, with its addresses. What was on its disk before stays to be had: as a
// snapshot of its own disk, or as the volume that it booted from.
import type { Json } from '../../../kernel/json.ts'
import type { Cloud } from '../client/cloud.ts'
import type { ServerDisks } from '../server/copy.ts'
import { restoreServer, type ServerRestoreOptions } from '../server/restore.ts'
import type { VolumeWork } from '../volume/work.ts'
import type { CopyRef } from './take-copy.ts'
import { volumeCopyOf } from './volume-copy.ts'

export interface PutBack {
  readonly [key: string]: Json
  /** Another one than before where it boots from a volume. */
  readonly id: string
  /** What it booted from before; nobody deletes it. */
  readonly leftVolume: string | null
}

/** May be called again, with the same memories. @throws Fault `openstack.*`; then the server is there as it was */
export async function putBack(
  work: VolumeWork,
  id: string,
  copy: CopyRef,
  options: ServerRestoreOptions,
): Promise<PutBack> {
  const { serverId, leftVolumeId } = await restoreServer(work, id, await disksOf(work.cloud, copy), options)
  return { id: serverId, leftVolume: leftVolumeId }
}

async function disksOf(cloud: Cloud, { kind, id }: CopyRef): Promise<ServerDisks> {
  const root = { device: null, tag: null, isRoot: true, isDeletedWithServer: false }
  return {
    name: id,
    power: 'ACTIVE',
    imageId: kind === 'image' ? id : null,
    volumes: kind === 'image' ? [] : [{ ...root, copy: await volumeCopyOf(cloud, id) }],
  }
}
