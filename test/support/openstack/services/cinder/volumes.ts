// Cinder's volumes: made from nothing or from something, changed, reverted, deleted.
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { accepted, badRequest, conflict, forbidden, notFound, ok, type Answer } from '../../http/answer.ts'
import { metadata, param, part, textOr, type Call } from '../../http/call.ts'
import type { Routes } from '../../http/routes.ts'
import type { State } from '../../model/state.ts'
import type { FakeVolume } from '../../model/things.ts'
import { Broken } from '../../../../../src/testing/fake-http/work.ts'
import { findImage } from '../image.ts'
import { hasMetadata, isAskedFor, listed, metadataAsked, newestFirst } from '../listing.ts'
import { restoreInto } from './backups.ts'
import {
  addVolume,
  fillVolume,
  findBackup,
  findSnapshot,
  findVolume,
  imageMetadataOf,
  type NewVolume,
  deleteLater,
} from './making.ts'
import { shownVolume } from './views.ts'

export function volumeRoutes(routes: Routes, state: State): void {
  routes.add('volume', 'POST /volumes', (call) => create(state, call))
  const list = (call: Call): Answer => {
    const asked = metadataAsked(call.query.get('metadata'))
    const found = newestFirst(state.volumes.values()).filter(
      (volume) =>
        isAskedFor(call.query, shownVolume(volume, 99), ['metadata', 'all_tenants']) &&
        hasMetadata(volume.metadata, asked),
    )
    const isBrief = !call.path.endsWith('/detail')
    return listed(state, call, found, {
      collection: 'volumes',
      id: ({ id }) => id,
      show: (volume) => (isBrief ? { id: volume.id, name: volume.name, links: [] } : shownVolume(volume, call.minor)),
    })
  }
  routes.add('volume', 'GET /volumes', list)
  routes.add('volume', 'GET /volumes/detail', list)
  routes.add('volume', 'GET /volumes/:id', (call) => show(call, findVolume(state, param(call, 'id'))))
  routes.add('volume', 'PUT /volumes/:id', (call) => {
    const volume = findVolume(state, param(call, 'id'))
    const given = part(call.body, 'volume')
    if ('name' in given) volume.name = textOr(given['name'], null)
    if ('description' in given) volume.description = textOr(given['description'], null)
    if ('metadata' in given) replaceMetadata(volume, metadata(given['metadata']))
    return show(call, volume)
  })
  routes.add('volume', 'DELETE /volumes/:id', (call) => remove(state, call))
  routes.add('volume', 'GET /volumes/:id/metadata', (call) =>
    ok({ metadata: findVolume(state, param(call, 'id')).metadata }),
  )
  routes.add('volume', 'POST /volumes/:id/metadata', (call) => {
    const volume = findVolume(state, param(call, 'id'))
    Object.assign(volume.metadata, metadata(call.body['metadata']))
    return ok({ metadata: volume.metadata })
  })
  routes.add('volume', 'DELETE /volumes/:id/metadata/:name', (call) => {
    const volume = findVolume(state, param(call, 'id'))
    if (!Object.hasOwn(volume.metadata, param(call, 'name'))) throw notFound('Metadata item was not found')
    delete volume.metadata[param(call, 'name')]
    return { status: 200 }
  })
  routes.add('volume', 'POST /volumes/:id/action', (call) => act(state, call))
}

function show(call: Call, volume: FakeVolume): Answer {
  return ok({ volume: shownVolume(volume, call.minor) })
}

function create(state: State, call: Call): Answer {
  const given = part(call.body, 'volume')
  const from = (name: string): string | undefined => textOr(given[name], undefined)
  const snapshotId = from('snapshot_id')
  const sourceId = from('source_volid')
  const imageId = from('imageRef') ?? from('image_id')
  if (given['backup_id'] !== undefined && call.minor < 47) {
    throw badRequest("Additional properties are not allowed ('backup_id' was unexpected)")
  }
  const backupId = from('backup_id')
  const snapshot = snapshotId === undefined ? undefined : findSnapshot(state, snapshotId)
  if (snapshot && snapshot.status !== 'available') {
    throw badRequest(`Invalid snapshot: Originating snapshot status must be one of 'available' values`)
  }
  const source = sourceId === undefined ? undefined : findVolume(state, sourceId)
  const backup = backupId === undefined ? undefined : findBackup(state, backupId)
  const image = imageId === undefined ? undefined : findImage(state, imageId)
  if (image && image.status !== 'active') throw badRequest(`Invalid image identifier: image ${image.id} is not active`)
  const least = snapshot?.size ?? source?.size ?? backup?.size ?? image?.minDisk ?? 1
  const size = Number(given['size'] ?? least)
  if (size < least)
    throw badRequest(
      `Invalid input received: Volume size '${size}'GB cannot be smaller than the original size ${least}GB. They must be >= original size.`,
    )
  const asked: NewVolume = {
    projectId: call.who.project?.id ?? '',
    userId: call.who.user.id,
    name: textOr(given['name'], null),
    description: textOr(given['description'], null),
    metadata: metadata(given['metadata']),
    volumeType: typeOf(state, textOr(given['volume_type'], undefined)),
    zone: textOr(given['availability_zone'], undefined),
    multiattach: given['multiattach'] === true,
    size,
    snapshot,
    source,
    image,
    backup,
    groupId: textOr(given['group_id'], null),
  }
  const volume = addVolume(state, asked)
  state.work.begin(async () => {
    await fillVolume(state, volume, asked)
    if (backup && volume.status === 'available') await restoreInto(state, backup, volume)
  })
  return accepted({ volume: { ...shownVolume(volume, call.minor), status: 'creating' } })
}

/** By name or id. */
function typeOf(state: State, wanted: string | undefined): string | undefined {
  if (wanted === undefined) return undefined
  const found = [...state.things('volume_types').values()].find(({ id, name }) => id === wanted || name === wanted)
  if (!found) throw notFound(`Volume type with name ${wanted} could not be found.`)
  return String(found['name'])
}

function remove(state: State, call: Call): Answer {
  const volume = findVolume(state, param(call, 'id'))
  const snapshots = [...state.snapshots.values()].filter(({ volumeId }) => volumeId === volume.id)
  const isCascade = call.query.get('cascade')?.toLowerCase() === 'true'
  const isFree = volume.status === 'available' || volume.status.startsWith('error')
  if (!isFree || volume.attachments.length > 0 || volume.groupId !== null || (snapshots.length > 0 && !isCascade)) {
    throw badRequest(
      'Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots or be disassociated from snapshots after volume transfer.',
    )
  }
  deleteLater(state, 'volume', 'volume', volume, () => {
    for (const { id } of snapshots) state.snapshots.delete(id)
    state.volumes.delete(volume.id)
  })
  return accepted()
}

function act(state: State, call: Call): Answer {
  const volume = findVolume(state, param(call, 'id'))
  const [action = ''] = Object.keys(call.body)
  const given = (call.body[action] ?? {}) as JsonObject
  switch (action) {
    case 'revert':
      return revert(state, call, volume, textOr(given['snapshot_id'], ''))
    case 'os-reset_status':
      if (!call.who.isAdmin)
        throw forbidden("Policy doesn't allow volume_extension:volume_admin_actions:reset_status to be performed.")
      volume.status = textOr(given['status'], volume.status)
      if (given['attach_status'] === 'detached') volume.attachments.length = 0
      return accepted()
    case 'os-extend':
      if (volume.status !== 'available' && !(volume.status === 'in-use' && call.minor >= 42))
        throw mustBeAvailable(volume)
      volume.size = Number(given['new_size'])
      return accepted()
    case 'os-set_bootable':
      volume.bootable = given['bootable'] === true || given['bootable'] === 'True'
      return { status: 200 }
    case 'os-set_image_metadata':
      volume.imageMetadata = { ...volume.imageMetadata, ...metadata(given['metadata']) }
      return ok({ metadata: volume.imageMetadata })
    case 'os-reimage':
      return reimage(state, call, volume, textOr(given['image_id'], ''))
    default:
      throw badRequest(`There is no such action: ${action}`)
  }
}

function revert(state: State, call: Call, volume: FakeVolume, snapshotId: string): Answer {
  if (call.minor < 40) throw notFound('The resource could not be found.')
  const snapshot = newestFirst(state.snapshots.values()).find(({ volumeId }) => volumeId === volume.id)
  if (!snapshot) throw badRequest(`Volume ${volume.id} doesn't have any snapshots.`)
  if (snapshot.id !== snapshotId) {
    throw badRequest(`Specified snapshot ${snapshotId} is None or not the latest one of volume ${volume.id}.`)
  }
  const cannot = `Can't revert volume ${volume.id} to its latest snapshot ${snapshot.id}.`
  if (volume.size !== snapshot.size) throw badRequest(`${cannot} The volume size must be equal to the snapshot size.`)
  if (volume.status !== 'available') {
    throw conflict(`Invalid volume: ${cannot} Volume's status must be 'available'.`)
  }
  if (snapshot.status !== 'available') {
    throw conflict(`Invalid snapshot: ${cannot} Snapshot's status must be 'available'.`)
  }
  volume.status = 'reverting'
  snapshot.status = 'restoring'
  state.work.begin(async () => {
    try {
      await state.work.step('volume:reverting', volume.id, 'volume')
      volume.content = snapshot.content
      volume.status = 'available'
    } catch (thrown) {
      if (!(thrown instanceof Broken)) throw thrown
      volume.status = 'error'
    }
    snapshot.status = 'available'
  })
  return accepted()
}

function reimage(state: State, call: Call, volume: FakeVolume, imageId: string): Answer {
  if (call.minor < 68) throw notFound('The resource could not be found.')
  const image = findImage(state, imageId)
  if (volume.status !== 'available' && volume.status !== 'error') throw mustBeAvailable(volume)
  volume.status = 'downloading'
  state.work.begin(async () => {
    await state.work.step('volume:downloading', volume.id, 'volume')
    volume.content = image.content?.toString('utf8') ?? ''
    volume.imageMetadata = imageMetadataOf(image)
    volume.status = 'available'
  })
  return accepted()
}

export function mustBeAvailable(volume: FakeVolume): Error {
  return badRequest(
    `Invalid volume: Volume ${volume.id} status must be available, but current status is: ${volume.status}.`,
  )
}

function replaceMetadata(volume: FakeVolume, wanted: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(volume.metadata)) delete volume.metadata[name]
  Object.assign(volume.metadata, wanted)
}
