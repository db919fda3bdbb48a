// Images of servers: made with our mark, captured, usable, gone. The guest may go on once its disk is captured; the image
// is usable long after.
import { Fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { copyDamaged, errorState, notReached } from '../errors.ts'
import { findMarked, markNames, type Mark } from '../mark.ts'
import { actionReason } from '../reasons.ts'
import { until, type Pace } from '../../http/wait.ts'
import { untilGone, untilStatus } from '../wait.ts'
import { untilIdle } from './power.ts'
import { actOn, findServer, taskOf } from './server.ts'

/** Of Glance; what it was told beside that, such as our mark, stands at the same level. */
export interface Image extends JsonObject {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly size: number | null
  readonly checksum: string | null
  readonly os_hash_algo: string | null
  readonly os_hash_value: string | null
  readonly created_at: string
}

/**
 * Asks for an image of a server's own disk, and resolves with its id at once. Never by createBackup: what that rotates away
 * Nova alone decides.
 *
 * @throws Fault `openstack.*`
 */
export async function beginImage(
  cloud: Cloud,
  serverId: string,
  { name, metadata, pace }: { readonly name: string; readonly metadata: Mark; readonly pace?: Pace },
): Promise<string> {
  // Another snapshot of it may be under way: Nova takes one at a time.
  await untilIdle(cloud, serverId, pace)
  const microversion = (await cloud.supports('compute', '2.45')) ? '2.45' : undefined
  const { body, headers } = await actOn(cloud, serverId, { createImage: { name, metadata } }, { microversion })
  const told = body?.['image_id']
  if (typeof told === 'string') return told
  // Before 2.45 the id is the end of an address, and that may have a slash too many.
  const id = headers['location']
    ?.split('?')[0]
    ?.split('/')
    .findLast((piece) => piece !== '')
  if (id === undefined) throw copyDamaged(name, 'the cloud does not say which image it makes')
  return id
}

/** By our mark; a name may be anybody's. Images of a server inherit all that its own image says, so it must be of this one. */
export async function findImageOf(
  cloud: Cloud,
  serverId: string,
  { key, mark }: { readonly key: string; readonly mark: Mark },
): Promise<Image | undefined> {
  const query = { [markNames.key]: mark[markNames.key], instance_uuid: serverId }
  return findMarked(cloud.pages<Image>({ service: 'image', path: '/images', query }, 'images'), key, (image) => image)
}

export async function findImage(cloud: Cloud, id: string): Promise<Image | undefined> {
  const image = await cloud.find<Image>({ service: 'image', path: pathOf`/images/${id}` })
  return image?.status === 'deleted' ? undefined : image
}

/**
 * Resolves when the disk is captured: what the guest writes from now on is not in the image.
 *
 * @throws Fault `openstack.error_state` with Nova's reason
 */
export async function untilCaptured(cloud: Cloud, serverId: string, imageId: string, pace: Pace = {}): Promise<void> {
  await until(
    cloud,
    async () => ({ server: await findServer(cloud, serverId), image: await findImage(cloud, imageId) }),
    {
      // The time in which a guest stands still: looked at often.
      every: 100,
      ...pace,
      isDone: ({ server, image }) =>
        image !== undefined && (isUploading(server && taskOf(server)) || isPastCapture(image)),
      async check({ server, image }) {
        if (image === undefined || isBroken(image)) throw await failed(cloud, serverId, imageId, image)
        // Nova has stopped to work at it.
        if (server !== undefined && taskOf(server) === null) await refuseForgotten(cloud, serverId, imageId)
      },
      late: (last, limit) =>
        notReached('image', imageId, { status: last?.image?.status ?? 'not to be read', wanted: 'captured', limit }),
    },
  )
}

const isUploading = (task: string | null | undefined): boolean =>
  task === 'image_pending_upload' || task === 'image_uploading'

const isPastCapture = ({ status }: Image): boolean => status === 'active' || status === 'saving'

const isBroken = ({ status }: Image): boolean => ['killed', 'deactivated', 'pending_delete'].includes(status)

// The task and the image are not read at one instant.
async function refuseForgotten(cloud: Cloud, serverId: string, imageId: string): Promise<void> {
  const image = await findImage(cloud, imageId)
  if (image === undefined || !isPastCapture(image)) throw await failed(cloud, serverId, imageId, image)
}

async function failed(cloud: Cloud, serverId: string, imageId: string, image: Image | undefined): Promise<Fault> {
  const reason = (await actionReason(cloud, serverId)) ?? 'Nova gave up, and gives no reason'
  return errorState('image', imageId, image?.status ?? 'gone', reason)
}

/** @throws Fault `openstack.error_state` when it is lost */
export async function untilImageUsable(
  cloud: Cloud,
  imageId: string,
  { serverId, ...pace }: Pace & { readonly serverId?: string } = {},
): Promise<Image> {
  const image = await untilStatus(cloud, () => findImage(cloud, imageId), {
    deadline: longUpload,
    ...pace,
    kind: 'image',
    id: imageId,
    wanted: ['active'],
    failed: (status) => ['gone', 'killed', 'deactivated', 'pending_delete'].includes(status),
    status: (one) => one?.status ?? 'gone',
    reason: () => (serverId === undefined ? undefined : actionReason(cloud, serverId)),
  })
  return image as Image
}

/** Disks are large, and stores are slow. */
const longUpload = 6 * 3_600_000

/** What is gone already is no error. */
export async function deleteImage(cloud: Cloud, id: string, pace: Pace = {}): Promise<void> {
  const path = pathOf`/images/${id}`
  await cloud.request({ service: 'image', method: 'DELETE', path }).catch(unlessGone)
  await untilGone(cloud, () => findImage(cloud, id), { ...pace, kind: 'image', id, status: ({ status }) => status })
}

export function unlessGone(thrown: unknown): void {
  if (!(thrown instanceof Fault && thrown.code === 'openstack.not_found')) throw thrown
}
