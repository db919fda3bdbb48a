// Waiting for volumes, their snapshots and backups: what went wrong is told in Cinder's own words, at once.
import type { Duration } from '../../../kernel/duration.ts'
import { missing } from '../errors.ts'
import type { Cloud } from '../client/cloud.ts'
import { volumeReason } from '../reasons.ts'
import { untilStatus } from '../wait.ts'
import { findBackup, findSnapshot, findVolume, type BackupView, type SnapshotView, type VolumeView } from './views.ts'

export interface Until {
  /** Default: `available`. */
  readonly wanted?: readonly string[]
  readonly deadline?: Duration | undefined
}

export function untilVolume(cloud: Cloud, id: string, options: Until = {}): Promise<VolumeView> {
  return untilThing(cloud, 'volume', id, () => findVolume(cloud, id), options)
}

export function untilSnapshot(cloud: Cloud, id: string, options: Until = {}): Promise<SnapshotView> {
  return untilThing(cloud, 'snapshot', id, () => findSnapshot(cloud, id), options)
}

export function untilBackup(cloud: Cloud, id: string, options: Until = {}): Promise<BackupView> {
  const read = (): Promise<BackupView | undefined> => findBackup(cloud, id)
  return untilThing(cloud, 'backup', id, read, options, ({ fail_reason: reason }) => reason ?? undefined)
}

/** How long a copy of so many GiB may take: Cinder does not tell how far it is. */
export function copyLimit(size: number, given: Duration | undefined): Duration {
  return given ?? 1_800_000 + size * 120_000
}

function untilThing<Thing extends { readonly status: string }>(
  cloud: Cloud,
  kind: string,
  id: string,
  find: () => Promise<Thing | undefined>,
  { wanted = ['available'], deadline }: Until,
  ownReason?: (thing: Thing) => string | undefined,
): Promise<Thing> {
  const read = async (): Promise<Thing> => {
    const thing = await find()
    if (thing === undefined) throw missing(kind, id)
    return thing
  }
  return untilStatus(cloud, read, {
    kind,
    id,
    wanted,
    deadline,
    status: ({ status }) => status,
    reason: async (thing) => ownReason?.(thing) || (await volumeReason(cloud, id)),
  })
}
