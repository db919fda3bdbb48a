// Waiting for volumes, their snapshots and backups: what went wrong is told in Cinder's own words, at once.
import type { Duration } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import { missing } from '../errors.ts'
import type { Cloud } from '../client/cloud.ts'
import { volumeReason } from '../reasons.ts'
import { untilIdle } from '../server/power.ts'
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

/** Nova is at nothing with those that a volume is attached to, or does not come to an end with it in time. */
export async function untilServersIdle(cloud: Cloud, { attachments }: Pick<VolumeView, 'attachments'>): Promise<void> {
  await Promise.all(attachments.map(({ server_id: id }) => untilIdle(cloud, id).catch(unlessInVain)))
}

// Cinder may know of a server that is no more; and most clouds need no server for it.
function unlessInVain(thrown: unknown): void {
  const isInVain = (code: string): boolean => code === 'openstack.missing' || code === 'openstack.not_reached'
  if (!(thrown instanceof Fault && isInVain(thrown.code))) throw thrown
}

export function isFailed(thrown: unknown): boolean {
  return thrown instanceof Fault && thrown.code === 'openstack.error_state'
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
