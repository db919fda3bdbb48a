// Cinder's backups: full, or upon the newest one before; restored into a volume that is free, or into a new one.
import { accepted, badRequest, ok, Refusal, type Answer } from '../../http/answer.ts'
import { metadata, param, part, textOr, type Call } from '../../http/call.ts'
import type { Routes } from '../../http/routes.ts'
import type { State } from '../../model/state.ts'
import type { FakeBackup, FakeSnapshot, FakeVolume } from '../../model/things.ts'
import { Broken } from '../../../../../src/testing/fake-http/work.ts'
import { hasMetadata, isAskedFor, listed, metadataAsked, newestFirst } from '../listing.ts'
import { addVolume, fillVolume, findBackup, findSnapshot, findVolume, overQuota, deleteLater } from './making.ts'
import { shownBackup } from './views.ts'

export function backupRoutes(routes: Routes, state: State): void {
  routes.add('volume', 'POST /backups', (call) => create(state, call))
  const list = (call: Call): Answer => {
    const asked = call.minor >= 43 ? metadataAsked(call.query.get('metadata')) : {}
    const found = newestFirst(state.backups.values()).filter(
      (backup) =>
        isAskedFor(call.query, shownBackup(state, backup, 99), ['metadata', 'all_tenants']) &&
        hasMetadata(backup.metadata, asked),
    )
    const isBrief = !call.path.endsWith('/detail')
    return listed(state, call, found, {
      collection: 'backups',
      id: ({ id }) => id,
      show: (backup) => (isBrief ? brief(backup) : shownBackup(state, backup, call.minor)),
    })
  }
  routes.add('volume', 'GET /backups', list)
  routes.add('volume', 'GET /backups/detail', list)
  routes.add('volume', 'GET /backups/:id', (call) =>
    ok({ backup: shownBackup(state, findBackup(state, param(call, 'id')), call.minor) }),
  )
  routes.add('volume', 'POST /backups/:id/restore', (call) => restore(state, call))
  routes.add('volume', 'DELETE /backups/:id', (call) => remove(state, call))
}

function brief({ id, name }: FakeBackup) {
  return { id, name, links: [] }
}

function create(state: State, call: Call): Answer {
  const given = part(call.body, 'backup')
  if ('metadata' in given && call.minor < 43) {
    throw badRequest(
      "Invalid input for field/attribute backup. Additional properties are not allowed ('metadata' was unexpected)",
    )
  }
  const volume = findVolume(state, textOr(given['volume_id'], ''))
  const snapshotId = textOr(given['snapshot_id'], undefined)
  const snapshot = snapshotId === undefined ? undefined : findSnapshot(state, snapshotId)
  checkSource(volume, snapshot, given['force'] === true)
  const parent = given['incremental'] === true ? parentFor(state, volume, snapshot) : undefined
  if (state.backups.size >= state.quotas.backups) throw overQuota('backups', state.quotas.backups, 'Backup')
  checkBackupGigabytes(state, volume.size)
  const previous = volume.status
  if (snapshot) snapshot.status = 'backing-up'
  else volume.status = 'backing-up'
  const backup: FakeBackup = {
    id: state.id(),
    name: textOr(given['name'], null),
    description: textOr(given['description'], null),
    status: 'creating',
    volumeId: volume.id,
    snapshotId: snapshot?.id ?? null,
    parentId: parent?.id ?? null,
    size: volume.size,
    content: '',
    metadata: metadata(given['metadata']),
    container: textOr(given['container'], 'fake'),
    projectId: call.who.project?.id ?? '',
    userId: call.who.user.id,
    failReason: null,
    dataTimestamp: snapshot?.createdAt ?? state.micros(),
    createdAt: state.micros(),
    updatedAt: null,
    serial: state.serial(),
  }
  state.backups.set(backup.id, backup)
  state.work.begin(() => save(state, backup, { volume, snapshot, previous }))
  return accepted({ backup: brief(backup) })
}

function checkSource(volume: FakeVolume, snapshot: FakeSnapshot | undefined, isForced: boolean): void {
  if (snapshot) {
    if (snapshot.status === 'available') return
    throw badRequest(
      `Invalid snapshot: Snapshot to be backed up must be available, but the current status is "${snapshot.status}".`,
    )
  }
  if (!['available', 'in-use'].includes(volume.status)) {
    throw badRequest(
      `Invalid volume: Volume to be backed up must be available or in-use, but the current status is "${volume.status}".`,
    )
  }
  if (volume.status === 'in-use' && !isForced)
    throw badRequest('Invalid volume: Backing up an in-use volume must use the force flag.')
}

// The one with the newest data, whatever became of it: after one that failed there is no incremental backup until it is
// deleted. Of a snapshot that is older than all backups, a newer one is the parent all the same.
function parentFor(state: State, volume: FakeVolume, snapshot: FakeSnapshot | undefined): FakeBackup {
  const mine = newestFirst(state.backups.values()).filter(({ volumeId }) => volumeId === volume.id)
  const age = ({ dataTimestamp }: FakeBackup): string =>
    snapshot === undefined || dataTimestamp < snapshot.createdAt ? dataTimestamp : ''
  const parent = mine.toSorted((left, right) => (age(left) < age(right) ? 1 : age(left) > age(right) ? -1 : 0))[0]
  if (!parent) throw badRequest('Invalid backup: No backups available to do an incremental backup.')
  if (parent.status !== 'available') {
    throw badRequest('Invalid backup: The parent backup must be available for incremental backup.')
  }
  return parent
}

function checkBackupGigabytes(state: State, more: number): void {
  const used = [...state.backups.values()].reduce((sum, { size }) => sum + size, 0)
  if (used + more <= state.quotas.backup_gigabytes) return
  throw new Refusal(
    413,
    `VolumeBackupSizeExceedsAvailableQuota: Requested backup exceeds allowed Backup gigabytes quota. Requested ${more}G, quota is ${state.quotas.backup_gigabytes}G and ${used}G has been consumed.`,
    { 'retry-after': '0' },
  )
}

interface Source {
  readonly volume: FakeVolume
  readonly snapshot: FakeSnapshot | undefined
  readonly previous: string
}

async function save(state: State, backup: FakeBackup, { volume, snapshot, previous }: Source): Promise<void> {
  // An attached volume is copied as it is when the copying begins.
  try {
    await state.work.step('backup:creating', backup.id, 'backup')
    backup.content = snapshot?.content ?? volume.content
    backup.status = 'available'
  } catch (thrown) {
    if (!(thrown instanceof Broken)) throw thrown
    backup.status = 'error'
    backup.failReason = thrown.message
  }
  if (snapshot) snapshot.status = 'available'
  else volume.status = previous
  backup.updatedAt = state.micros()
}

function restore(state: State, call: Call): Answer {
  const given = part(call.body, 'restore')
  const backup = findBackup(state, param(call, 'id'))
  if (backup.status !== 'available') throw badRequest('Invalid backup: Backup status must be available')
  const id = textOr(given['volume_id'], undefined)
  if (id === undefined) {
    const asked = {
      projectId: call.who.project?.id ?? '',
      userId: call.who.user.id,
      name: textOr(given['name'], `restore_backup_${backup.id}`),
      size: backup.size,
    }
    const volume = addVolume(state, asked)
    backup.status = 'restoring'
    state.work.begin(async () => {
      await fillVolume(state, volume, asked)
      await restoreInto(state, backup, volume)
    })
    return restored(backup, volume)
  }
  const volume = findVolume(state, id)
  if (volume.status !== 'available') throw badRequest('Invalid volume: Volume to be restored to must be available')
  if (volume.size < backup.size) {
    throw badRequest(
      `Invalid volume: volume size ${volume.size} is too small to restore backup of size ${backup.size}.`,
    )
  }
  backup.status = 'restoring'
  volume.status = 'restoring-backup'
  state.work.begin(() => restoreInto(state, backup, volume))
  return restored(backup, volume)
}

function restored(backup: FakeBackup, volume: FakeVolume): Answer {
  return accepted({ restore: { backup_id: backup.id, volume_id: volume.id, volume_name: volume.name } })
}

/** Writes the backup over the volume, when all that it stands upon is still there. */
export async function restoreInto(state: State, backup: FakeBackup, volume: FakeVolume): Promise<void> {
  backup.status = 'restoring'
  volume.status = 'restoring-backup'
  try {
    await state.work.step('backup:restoring', backup.id, 'backup')
    for (let link: FakeBackup | undefined = backup; link.parentId !== null;) {
      link = state.backups.get(link.parentId)
      if (!link) throw new Broken('a backup that this one stands upon is gone')
    }
    volume.content = backup.content
    volume.status = 'available'
  } catch (thrown) {
    if (!(thrown instanceof Broken)) throw thrown
    // What lay there is half overwritten.
    volume.content = ''
    volume.status = 'error_restoring'
  }
  backup.status = 'available'
}

function remove(state: State, call: Call): Answer {
  const backup = findBackup(state, param(call, 'id'))
  if (!['available', 'error'].includes(backup.status)) {
    throw badRequest('Invalid backup: Backup status must be available or error')
  }
  if ([...state.backups.values()].some(({ parentId }) => parentId === backup.id)) {
    throw badRequest('Invalid backup: Incremental backups exist for this backup.')
  }
  deleteLater(state, 'backup', 'backup', backup, () => {
    state.backups.delete(backup.id)
  })
  return accepted()
}
