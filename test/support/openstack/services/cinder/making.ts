// How volumes and snapshots come to be, whoever asks for them: a user, Nova, a restore, a group.
import { badRequest, notFound, Refusal } from '../../http/answer.ts'
import type { State, Worker } from '../../model/state.ts'
import type { FakeBackup, FakeImage, FakeSnapshot, FakeVolume } from '../../model/things.ts'
import { Broken } from '../../../../../src/testing/fake-http/work.ts'

/** Of who asks. */
export interface Owner {
  readonly projectId: string
  readonly userId: string
}

export interface NewVolume extends Owner {
  readonly name: string | null
  readonly size: number
  readonly description?: string | null
  readonly metadata?: Readonly<Record<string, string>>
  readonly volumeType?: string | undefined
  readonly zone?: string | undefined
  readonly snapshot?: FakeSnapshot | undefined
  readonly source?: FakeVolume | undefined
  readonly image?: FakeImage | undefined
  readonly backup?: FakeBackup | undefined
  readonly groupId?: string | null
  readonly multiattach?: boolean
}

export const defaultType = '__DEFAULT__'

/** In `creating`, until `finish` has run. @throws Refusal over quota */
export function addVolume(state: State, asked: NewVolume): FakeVolume {
  checkVolumeQuota(state, asked.size)
  const { snapshot, source, image, backup } = asked
  const origin = snapshot ? state.volumes.get(snapshot.volumeId) : source
  const volume: FakeVolume = {
    id: state.id(),
    name: asked.name,
    description: asked.description ?? null,
    status: 'creating',
    size: asked.size,
    content: '',
    metadata: { ...asked.metadata },
    projectId: asked.projectId,
    userId: asked.userId,
    zone: asked.zone ?? 'nova',
    volumeType: asked.volumeType ?? origin?.volumeType ?? defaultType,
    sourceVolumeId: source?.id ?? null,
    snapshotId: snapshot?.id ?? null,
    backupId: backup?.id ?? null,
    bootable: image !== undefined || origin?.bootable === true,
    imageMetadata: image ? imageMetadataOf(image) : (origin?.imageMetadata ?? null),
    attachments: [],
    groupId: asked.groupId ?? null,
    multiattach: asked.multiattach ?? false,
    createdAt: state.micros(),
    updatedAt: null,
    serial: state.serial(),
  }
  state.volumes.set(volume.id, volume)
  return volume
}

export function imageMetadataOf(image: FakeImage): Record<string, string> {
  return { ...image.properties, image_id: image.id, image_name: image.name ?? '' }
}

/** Fills it, which takes a while. */
export async function fillVolume(state: State, volume: FakeVolume, asked: NewVolume): Promise<void> {
  try {
    await state.work.step('volume:creating', volume.id, 'volume')
    if (asked.image) {
      volume.status = 'downloading'
      await state.work.step('volume:downloading', volume.id, 'volume')
    }
    volume.content = asked.snapshot?.content ?? asked.source?.content ?? asked.image?.content?.toString('utf8') ?? ''
    volume.status = 'available'
  } catch (thrown) {
    if (!(thrown instanceof Broken)) throw thrown
    volume.status = 'error'
  }
  volume.updatedAt = state.micros()
}

export interface NewSnapshot extends Owner {
  readonly name: string | null
  readonly description?: string | null
  readonly metadata?: Readonly<Record<string, string>>
  readonly groupSnapshotId?: string | null
}

/** @throws Refusal over quota */
export function addSnapshot(state: State, volume: FakeVolume, asked: NewSnapshot): FakeSnapshot {
  if (state.snapshots.size >= state.quotas.snapshots) throw overQuota('snapshots', state.quotas.snapshots, 'Snapshot')
  checkGigabytes(state, volume.size)
  const snapshot: FakeSnapshot = {
    id: state.id(),
    name: asked.name,
    description: asked.description ?? null,
    status: 'creating',
    volumeId: volume.id,
    size: volume.size,
    content: '',
    metadata: { ...asked.metadata },
    projectId: asked.projectId,
    userId: asked.userId,
    groupSnapshotId: asked.groupSnapshotId ?? null,
    createdAt: state.micros(),
    updatedAt: null,
    serial: state.serial(),
  }
  state.snapshots.set(snapshot.id, snapshot)
  return snapshot
}

/** What the volume holds when this step is over is in it. */
export async function fillSnapshot(state: State, volume: FakeVolume, snapshot: FakeSnapshot): Promise<void> {
  try {
    await state.work.step('snapshot:creating', snapshot.id, 'volume')
    snapshot.content = volume.content
    snapshot.status = 'available'
  } catch (thrown) {
    if (!(thrown instanceof Broken)) throw thrown
    snapshot.status = 'error'
  }
  snapshot.updatedAt = state.micros()
}

/** Accepted at once; gone, or in `error_deleting`, later. */
export function deleteLater(
  state: State,
  worker: Worker,
  kind: string,
  thing: { readonly id: string; status: string },
  remove: () => void,
): void {
  thing.status = 'deleting'
  state.work.begin(async () => {
    try {
      await state.work.step(`${kind}:deleting`, thing.id, worker)
      remove()
    } catch (thrown) {
      if (!(thrown instanceof Broken)) throw thrown
      thing.status = 'error_deleting'
    }
  })
}

export function findVolume(state: State, id: string): FakeVolume {
  const volume = state.volumes.get(id)
  if (volume) return volume
  throw notFound(`Volume ${id} could not be found.`)
}

export function findSnapshot(state: State, id: string): FakeSnapshot {
  const snapshot = state.snapshots.get(id)
  if (snapshot) return snapshot
  throw notFound(`Snapshot ${id} could not be found.`)
}

export function findBackup(state: State, id: string): FakeBackup {
  const backup = state.backups.get(id)
  if (backup) return backup
  throw notFound(`Backup ${id} could not be found.`)
}

export function checkVolumeQuota(state: State, size: number): void {
  if (!Number.isInteger(size) || size < 1)
    throw badRequest('Invalid input received: Volume size must be a positive integer.')
  if (state.volumes.size >= state.quotas.volumes) throw overQuota('volumes', state.quotas.volumes, 'Volume')
  checkGigabytes(state, size)
}

export function checkGigabytes(state: State, more: number): void {
  const used = gigabytes(state)
  if (used + more <= state.quotas.gigabytes) return
  throw new Refusal(
    413,
    `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested ${more}G, quota is ${state.quotas.gigabytes}G and ${used}G has been consumed.`,
    now,
  )
}

export function gigabytes(state: State): number {
  return [...state.volumes.values(), ...state.snapshots.values()].reduce((sum, { size }) => sum + size, 0)
}

export function overQuota(name: string, limit: number, kind: 'Volume' | 'Snapshot' | 'Backup'): Refusal {
  const quota = kind === 'Volume' ? ` for quota '${name}'` : ''
  return new Refusal(413, `${kind}LimitExceeded: Maximum number of ${name} allowed (${limit}) exceeded${quota}.`, now)
}

/** As Cinder has it, though nothing will be better then. */
const now = { 'retry-after': '0' }
