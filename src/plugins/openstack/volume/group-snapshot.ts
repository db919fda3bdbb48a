// Snapshots of all volumes of a Cinder group at one instant. They have no metadata of their own: the whole bears our mark in
// its description, and goes as a whole.
import { pathOf, type Cloud } from '../client/cloud.ts'
import { missing } from '../errors.ts'
import { tagOf } from '../mark.ts'
import { untilGone, untilStatus } from '../wait.ts'
import { volumeReason } from '../reasons.ts'
import type { NewSnapshot, TakenSnapshot } from './snapshot.ts'
import { allVolumes, newest, snapshotsOf, type VolumeView } from './views.ts'
import { keyOf, type VolumeWork } from './work.ts'

export interface GroupSnapshotView {
  readonly id: string
  readonly status: string
  readonly description: string | null
  readonly group_id: string
}

interface Group {
  readonly id: string
  readonly group_type: string
}

/** Of several volumes that are all that there is in one group whose snapshots are of one instant. */
export async function wholeGroupOf(cloud: Cloud, volumes: readonly VolumeView[]): Promise<string | undefined> {
  const id = volumes[0]?.group_id
  if (volumes.length < 2 || !id || volumes.some(({ group_id }) => group_id !== id)) return undefined
  if (!(await cloud.supports('volume', newest.groupSnapshot))) return undefined
  const members = new Set<string>()
  for await (const one of allVolumes(cloud)) if (one.group_id === id) members.add(one.id)
  // What belongs to others is not copied, nor kept from being deleted.
  if (members.size !== volumes.length) return undefined
  return (await isOfOneInstant(cloud, id)) ? id : undefined
}

async function isOfOneInstant(cloud: Cloud, groupId: string): Promise<boolean> {
  const read = { service: 'volume', microversion: newest.groupSnapshot } as const
  const found = await cloud.find<{ readonly group: Group }>({ ...read, path: pathOf`/groups/${groupId}` })
  if (found === undefined) return false
  const path = pathOf`/group_types/${found.group.group_type}`
  const type = await cloud.find<{ readonly group_type: { readonly group_specs?: Readonly<Record<string, string>> } }>({
    ...read,
    path,
  })
  return /true/i.test(type?.group_type.group_specs?.['consistent_group_snapshot_enabled'] ?? '')
}

export async function snapshotGroup(
  work: VolumeWork,
  groupId: string,
  volumes: readonly VolumeView[],
  { nameOf, description }: NewSnapshot,
): Promise<readonly TakenSnapshot[]> {
  const { cloud } = work
  const whole = await work.once<{ readonly id: string }>({
    lookUp: () => findGroupSnapshot(work),
    async create() {
      const tag = tagOf(keyOf(work, 'group'))
      const { body } = await cloud.request<{ readonly group_snapshot: { readonly id: string } }>({
        service: 'volume',
        method: 'POST',
        path: '/group_snapshots',
        body: { group_snapshot: { group_id: groupId, name: nameOf(groupId), description: `${description} (${tag})` } },
        microversion: newest.groupSnapshot,
      })
      return body.group_snapshot
    },
  })
  await untilTaken(cloud, whole.id)
  return Promise.all(
    volumes.map(async (volume) => {
      for await (const snapshot of snapshotsOf(cloud, volume.id)) {
        if (snapshot.group_snapshot_id === whole.id) return { volume, snapshot, groupSnapshotId: whole.id }
      }
      throw missing(`snapshot of volume ${volume.id} in group snapshot`, whole.id)
    }),
  )
}

/** Made by this work, and known by its mark alone. */
export async function findGroupSnapshot(work: VolumeWork): Promise<GroupSnapshotView | undefined> {
  const { cloud } = work
  if (!(await cloud.supports('volume', newest.groupSnapshot))) return undefined
  const tag = tagOf(keyOf(work, 'group'))
  const request = { service: 'volume', path: '/group_snapshots/detail', microversion: newest.groupSnapshot } as const
  for await (const one of cloud.pages<GroupSnapshotView>(request, 'group_snapshots')) {
    if (one.description?.includes(tag)) return one
  }
  return undefined
}

/** One that is gone is as good. */
export async function deleteGroupSnapshot(cloud: Cloud, id: string): Promise<void> {
  const there = await readGroupSnapshot(cloud, id)
  if (there === undefined) return
  if (there.status !== 'deleting') {
    const path = pathOf`/group_snapshots/${id}`
    await cloud.request({ service: 'volume', method: 'DELETE', path, microversion: newest.groupSnapshot })
  }
  await untilGone(cloud, () => readGroupSnapshot(cloud, id), {
    kind: 'group snapshot',
    id,
    failed: (status) => status === 'error_deleting' || (status === 'error' && there.status !== 'error'),
    status: ({ status }) => status,
    reason: () => volumeReason(cloud, id),
  })
}

async function readGroupSnapshot(cloud: Cloud, id: string): Promise<GroupSnapshotView | undefined> {
  const path = pathOf`/group_snapshots/${id}`
  const microversion = newest.groupSnapshot
  const found = await cloud.find<{ readonly group_snapshot: GroupSnapshotView }>({
    service: 'volume',
    path,
    microversion,
  })
  return found?.group_snapshot
}

function untilTaken(cloud: Cloud, id: string): Promise<GroupSnapshotView> {
  const read = async (): Promise<GroupSnapshotView> => {
    const one = await readGroupSnapshot(cloud, id)
    if (one === undefined) throw missing('group snapshot', id)
    return one
  }
  return untilStatus(cloud, read, {
    kind: 'group snapshot',
    id,
    wanted: ['available'],
    status: ({ status }) => status,
    reason: () => volumeReason(cloud, id),
  })
}
