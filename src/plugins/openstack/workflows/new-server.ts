// A new server out of a snapshot of another: made once, seen to run, and gone again when it does not come up.
import type { Json } from '../../../kernel/json.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { unlessGone } from '../server/image.ts'
import { findServer, newestCompute, serverOf, untilServer, type Server } from '../server/server.ts'
import { untilGone } from '../wait.ts'
import { madeOnce, type VolumeWork } from '../volume/work.ts'
import { volumeFromSnapshot } from './boot-volume.ts'
import type { ServerPlan } from './clone-plan.ts'
import type { CopyRef } from './take-copy.ts'

/** Boots from an image, or from a volume that is there. Its mark is among its metadata. */
export async function bootServer(
  work: VolumeWork,
  { plan, image, volume }: { readonly plan: ServerPlan; readonly image?: string; readonly volume?: string },
): Promise<string> {
  const { cloud } = work
  const root = { boot_index: 0, uuid: volume ?? '', source_type: 'volume', destination_type: 'volume' }
  const microversion = await cloud.bestVersion('compute', newestCompute)
  const { description, tags, ...plain } = plan
  const server = await madeOnce<Pick<Server, 'id' | 'metadata'>>(work, {
    part: 'server',
    list: () => cloud.pages<Server>({ service: 'compute', path: '/servers/detail', microversion }, 'servers'),
    metadataOf: ({ metadata }) => metadata,
    async create(mark) {
      const asked = {
        ...plain,
        ...((await cloud.supports('compute', '2.19')) && description !== undefined ? { description } : {}),
        ...((await cloud.supports('compute', '2.52')) && tags !== undefined ? { tags } : {}),
        metadata: { ...plan.metadata, ...mark },
        // From 2.37 on nothing is said with a word.
        ...(isEmpty(plan.networks) ? ((await cloud.supports('compute', '2.37')) ? { networks: 'none' } : {}) : {}),
        ...(image === undefined
          ? { block_device_mapping_v2: [{ ...root, delete_on_termination: false }] }
          : { imageRef: image }),
      }
      const { body } = await cloud.request<{ readonly server: { readonly id: string } }>({
        service: 'compute',
        method: 'POST',
        path: '/servers',
        body: { server: asked },
        microversion,
      })
      return { id: body.server.id, metadata: {} }
    },
  })
  return server.id
}

const isEmpty = (networks: Json): boolean => Array.isArray(networks) && networks.length === 0

/** @throws Fault `openstack.error_state` with Nova's reason */
export const untilRunning = (cloud: Cloud, id: string): Promise<Server> =>
  untilServer(cloud, id, { wanted: ['ACTIVE'] })

/** By its id. What is gone is as good. */
export async function removeServer(cloud: Cloud, id: string): Promise<void> {
  await cloud.request({ service: 'compute', method: 'DELETE', path: pathOf`/servers/${id}` }).catch(unlessGone)
  await untilGone(cloud, () => findServer(cloud, id), {
    kind: 'server',
    id,
    // One that failed is in that state until it is gone.
    failed: () => false,
    status: ({ status }) => status,
  })
}

/** The whole: a volume where the source boots from one, and the server. */
export async function cloneServer(
  work: VolumeWork,
  { plan, copy, wait }: { readonly plan: ServerPlan; readonly copy: CopyRef; readonly wait: boolean },
): Promise<{ readonly serverId: string; readonly volumeId: string | null; readonly status: string }> {
  const { cloud } = work
  const isVolume = copy.kind === 'volume_snapshot'
  const volume = isVolume ? await volumeFromSnapshot(work, { snapshotId: copy.id, name: plan.name }) : undefined
  const serverId = await bootServer(work, { plan, ...(volume ? { volume: volume.id } : { image: copy.id }) })
  const server = wait ? await untilRunning(cloud, serverId) : await notFailed(cloud, serverId)
  return { serverId, volumeId: volume?.id ?? null, status: server.status }
}

async function notFailed(cloud: Cloud, id: string): Promise<Server> {
  const server = await serverOf(cloud, id)
  return server.status === 'ERROR' ? untilRunning(cloud, id) : server
}
