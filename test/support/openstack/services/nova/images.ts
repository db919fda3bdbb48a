// Images of servers: createImage and createBackup with Nova's own rotation; for servers on volumes, an image that merely
// points at snapshots.
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { accepted, badRequest, forbidden, type Answer } from '../../http/answer.ts'
import { metadata, textOr, type Call } from '../../http/call.ts'
import type { FakeServer } from '../../model/server.ts'
import type { State } from '../../model/state.ts'
import type { FakeImage } from '../../model/things.ts'
import { addSnapshot, fillSnapshot, findVolume } from '../cinder/making.ts'
import { deleteImage, newImage } from '../image.ts'
import { checkState, runJob } from './jobs.ts'

const possible = ['active', 'stopped', 'paused', 'suspended'] as const

export function createImage(state: State, call: Call, server: FakeServer, given: JsonObject): Answer {
  checkState(server, 'createImage', possible)
  const name = nameIn(given)
  const properties = metadata(given['metadata'])
  if (server.disk === undefined) return made(call, pointTo(state, server, { name, properties }))
  const image = imageOf(state, server, { ...properties, name, image_type: 'snapshot' })
  snapshot(state, call, { server, image, action: 'createImage', first: 'image_snapshot_pending' })
  return made(call, image)
}

export function createBackup(state: State, call: Call, server: FakeServer, given: JsonObject): Answer {
  const { rotation } = given
  if (typeof rotation !== 'number' || !Number.isInteger(rotation) || rotation < 0) {
    throw badRequest(
      `Invalid input for field/attribute rotation. Value: ${String(rotation)}. ${String(rotation)} is less than the minimum of 0`,
    )
  }
  const type = textOr(given['backup_type'], '')
  if (type === '')
    throw badRequest("Invalid input for field/attribute backup_type. 'backup_type' is a required property")
  if (server.disk === undefined) throw badRequest('Backup is not supported for volume-backed instances.')
  checkState(server, 'createBackup', possible)
  const image = imageOf(state, server, {
    ...metadata(given['metadata']),
    name: nameIn(given),
    image_type: 'backup',
    backup_type: type,
  })
  snapshot(state, call, {
    server,
    image,
    action: 'createBackup',
    first: 'image_backup',
    after: () => state.work.begin(() => rotate(state, server, type, rotation)),
  })
  return rotation > 0 ? made(call, image) : accepted()
}

function nameIn(given: JsonObject): string {
  const name = textOr(given['name'], '')
  if (name.trim() === '') throw badRequest("Invalid input for field/attribute name. Value: . '' is too short")
  return name
}

function made(call: Call, { id }: FakeImage): Answer {
  if (call.minor >= 45) return accepted({ image_id: id })
  // As it was seen: with two slashes.
  return { status: 202, headers: { location: `${call.origin}//images/${id}` } }
}

function imageOf(state: State, server: FakeServer, given: Readonly<Record<string, string>>): FakeImage {
  return newImage(state, server.projectId, {
    ...server.imageProperties,
    ...given,
    visibility: 'private',
    instance_uuid: server.id,
    user_id: server.userId,
    base_image_ref: server.imageId ?? '',
    image_location: 'snapshot',
    min_disk: 1,
  })
}

interface Snapshot {
  readonly server: FakeServer
  readonly image: FakeImage
  readonly action: string
  readonly first: string
  readonly after?: () => void
}

function snapshot(state: State, call: Call, { server, image, action, first, after }: Snapshot): void {
  let captured = ''
  runJob(state, call, {
    server,
    action,
    tasks: [first, 'image_snapshot', 'image_pending_upload', 'image_uploading'],
    after: {
      // What the guest writes from now on is not in it.
      image_snapshot: () => {
        captured = server.disk ?? ''
      },
      image_pending_upload: () => {
        image.status = 'saving'
      },
      image_uploading: () => upload(state, image, captured),
    },
    done: () => after?.(),
    broken: () => {
      // The server goes on as before; the image is gone, or stays where it stood.
      server.taskState = null
      if (image.status === 'queued') deleteImage(state, image)
      else image.status = 'killed'
    },
  })
}

async function upload(state: State, image: FakeImage, content: string): Promise<void> {
  // Deleted meanwhile, there is nowhere to write to.
  if (!state.images.has(image.id)) return
  await state.work.step('image:saving', image.id, 'image')
  if (image.isLeftSaving) return
  image.content = Buffer.from(content)
  image.diskFormat = 'raw'
  image.containerFormat = 'bare'
  image.properties['image_state'] = 'available'
  image.status = 'active'
  image.updatedAt = state.seconds()
}

/** Some time after the image is there. Glance's times are whole seconds: of two made in one, the newer may be the one that goes. */
async function rotate(state: State, server: FakeServer, type: string, rotation: number): Promise<void> {
  await state.work.step('server:rotating', server.id, 'compute')
  const mine = [...state.images.values()].filter(
    ({ properties }) =>
      properties['image_type'] === 'backup' &&
      properties['backup_type'] === type &&
      properties['instance_uuid'] === server.id,
  )
  const sorted = mine.toSorted((left, right) =>
    left.createdAt === right.createdAt ? left.serial - right.serial : left.createdAt < right.createdAt ? 1 : -1,
  )
  for (const image of sorted.slice(rotation)) if (!image.protected) deleteImage(state, image)
}

interface Pointer {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
}

/** Of no bytes at all: snapshots of all volumes, and an image that names them. */
function pointTo(state: State, server: FakeServer, { name, properties }: Pointer): FakeImage {
  const owner = { projectId: server.projectId, userId: server.userId }
  if (server.attachments.length + state.snapshots.size > state.quotas.snapshots) {
    throw forbidden('Quota exceeded for resources: snapshots')
  }
  const mapping = server.attachments.map((attachment) => {
    const volume = findVolume(state, attachment.volumeId)
    if (!['available', 'in-use'].includes(volume.status)) {
      throw badRequest(
        `Invalid volume: Volume ${volume.id} status must be available, in-use, but current status is: ${volume.status}.`,
      )
    }
    const one = addSnapshot(state, volume, { ...owner, name: `snapshot for ${name}`, description: volume.description })
    state.work.begin(() => fillSnapshot(state, volume, one))
    return {
      source_type: 'snapshot',
      destination_type: 'volume',
      snapshot_id: one.id,
      volume_size: volume.size,
      boot_index: attachment.bootIndex,
      device_name: attachment.device,
      delete_on_termination: attachment.deleteOnTermination,
    }
  })
  // It does not say which server it is of.
  const image = newImage(state, server.projectId, {
    ...server.imageProperties,
    ...properties,
    name,
    visibility: 'private',
    bdm_v2: 'True',
    root_device_name: '/dev/vda',
    block_device_mapping: JSON.stringify(mapping),
  })
  image.content = Buffer.alloc(0)
  image.status = 'active'
  return image
}

const notInherited = ['block_device_mapping', 'mappings', 'bdm_v2', 'root_device_name', 'cache_in_nova', 'bittorrent']

/** What a server takes over from its image, and gives on to images of itself: nearly all, whatever it says. */
export function inheritable({ properties }: FakeImage): Readonly<Record<string, string>> {
  const isTaken = (name: string): boolean =>
    !notInherited.includes(name) && !name.startsWith('os_glance') && !name.startsWith('img_signature')
  return Object.fromEntries(Object.entries(properties).filter(([name]) => isTaken(name)))
}
