// Snapshots of one server, of whatever kind: an image of its own disk, or a snapshot of the volume that it boots from.
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { Cloud } from '../client/cloud.ts'
import { markNames, type Mark } from '../mark.ts'
import type { Image } from '../server/image.ts'
import { newest, snapshotsOf, type SnapshotView } from '../volume/views.ts'
import type { Instance } from './instance.ts'
import { stampIn } from './snapshot-names.ts'

export interface Copy {
  readonly [key: string]: Json
  readonly kind: 'image' | 'volume_snapshot'
  readonly id: string
  readonly name: string
  /** In the cloud's words. */
  readonly status: string
  readonly isUsable: boolean
  /** The minute it was taken, as YYYYMMDDHHMM; of others' it is what their name tells. */
  readonly stamp: string
  readonly createdAt: string
  /** Made by these workflows, for this server, by this pattern. Nothing else is ever deleted. */
  readonly isOurs: boolean
  /** The cloud would refuse to delete it. */
  readonly isProtected: boolean
}

/** Beside our mark. */
export const copyMarks = {
  instance: 'fermata_instance',
  pattern: 'fermata_pattern',
  stamp: 'fermata_taken',
  /** Of images: their own id. Images of a server inherit all that the one it was built of says, this as well. */
  self: 'fermata_self',
} as const

export type CopiedInstance = Pick<Instance, 'id' | 'name' | 'firstId' | 'rootVolume'>

export function copyMetadata(
  mark: Mark,
  { firstId, pattern, stamp }: { readonly firstId: string; readonly pattern: string; readonly stamp: string },
): Mark {
  return {
    ...mark,
    [copyMarks.instance]: firstId,
    [copyMarks.pattern]: pattern.slice(0, 255),
    [copyMarks.stamp]: stamp,
  }
}

/** Oldest first: ours, and those that their exact name says are of this pattern. */
export async function copiesOf(cloud: Cloud, instance: CopiedInstance, pattern: string): Promise<readonly Copy[]> {
  const found = new Map<string, Copy>()
  const read = instance.rootVolume === null ? imagesOf(cloud, instance) : volumeSnapshotsOf(cloud, instance)
  for await (const thing of read) {
    const copy = copyFrom(thing, instance, pattern)
    if (copy !== undefined) found.set(copy.id, copy)
  }
  return [...found.values()].toSorted(byAge)
}

const byAge = (left: Copy, right: Copy): number => {
  const [one, other] = [left, right].map(({ stamp, createdAt }) => `${stamp.padEnd(12, '0')} ${createdAt}`) as [
    string,
    string,
  ]
  return one < other ? -1 : one > other ? 1 : 0
}

interface Shown {
  readonly kind: Copy['kind']
  readonly id: string
  readonly name: string
  readonly status: string
  readonly createdAt: string
  readonly metadata: JsonObject
  readonly isProtected: boolean
  readonly isWhole: boolean
  /** It was made of this server. */
  readonly isOfInstance: boolean
}

async function* imagesOf(cloud: Cloud, instance: CopiedInstance): AsyncIterable<Shown> {
  for (const id of new Set([instance.id, instance.firstId])) {
    // Nova itself writes this down with every image of a server.
    const query = { instance_uuid: id, owner: cloud.projectId }
    for await (const image of cloud.pages<Image>({ service: 'image', path: '/images', query }, 'images')) {
      if (image['instance_uuid'] === id) yield shownImage(image)
    }
  }
}

export function shownImage(image: Image): Shown {
  return {
    kind: 'image',
    id: image.id,
    name: image.name,
    status: image.status,
    createdAt: image.created_at,
    metadata: image,
    isProtected: image['protected'] === true,
    // One without a size points at snapshots elsewhere.
    isWhole: image.status === 'active' && (image.size ?? 0) > 0,
    isOfInstance: image['image_type'] === 'snapshot',
  }
}

async function* volumeSnapshotsOf(cloud: Cloud, instance: CopiedInstance): AsyncIterable<Shown> {
  const { rootVolume } = instance
  if (rootVolume !== null) {
    for await (const one of snapshotsOf(cloud, rootVolume)) yield shownSnapshot(one, true)
  }
  // Those of volumes that it booted from before.
  const microversion = await cloud.bestVersion('volume', newest.metadataFilter)
  const query = { metadata: `{'${copyMarks.instance}': '${instance.firstId}'}` }
  const request = { service: 'volume', path: '/snapshots/detail', query, microversion } as const
  for await (const one of cloud.pages<SnapshotView>(request, 'snapshots')) {
    if (one.metadata[copyMarks.instance] === instance.firstId) yield shownSnapshot(one, one.volume_id === rootVolume)
  }
}

function shownSnapshot(one: SnapshotView, isOfInstance: boolean): Shown {
  return {
    kind: 'volume_snapshot',
    id: one.id,
    name: one.name ?? '',
    status: one.status,
    createdAt: one.created_at,
    metadata: one.metadata,
    isProtected: false,
    isWhole: one.status === 'available',
    isOfInstance,
  }
}

function copyFrom(shown: Shown, instance: CopiedInstance, pattern: string): Copy | undefined {
  const { kind, id, name, status, createdAt, metadata, isProtected } = shown
  const isOurs = isMarkedFor(shown, instance, pattern)
  const stamp = isOurs
    ? String(metadata[copyMarks.stamp])
    : shown.isOfInstance
      ? stampIn(name, pattern, instance.name)
      : undefined
  if (stamp === undefined) return undefined
  return { kind, id, name, status, isUsable: shown.isWhole, stamp, createdAt, isOurs, isProtected }
}

function isMarkedFor({ kind, id, metadata }: Shown, instance: CopiedInstance, pattern: string): boolean {
  const told = (name: string): string | undefined => {
    const value = metadata[name]
    return typeof value === 'string' ? value : undefined
  }
  return (
    told(markNames.key) !== undefined &&
    told(copyMarks.instance) === instance.firstId &&
    told(copyMarks.pattern) === pattern.slice(0, 255) &&
    /^\d{12}$/.test(told(copyMarks.stamp) ?? '') &&
    (kind === 'volume_snapshot' || told(copyMarks.self) === id)
  )
}
