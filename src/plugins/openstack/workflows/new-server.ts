// A new server out of a snapshot of another: made once, seen to run, and gone again when it does not come up.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { Cloud } from '../client/cloud.ts'
import { findMarked, type Mark } from '../mark.ts'
import { dropVolume } from '../server/exchange-root.ts'
import { bootFrom, serverBody, type ServerRequest } from '../server/likeness.ts'
import { deleteServer } from '../server/replace.ts'
import { findServer, newestCompute, serverOf, untilServer, type Server } from '../server/server.ts'
import { volumeFromCopy } from '../volume/volume-from-copy.ts'
import { allVolumes } from '../volume/views.ts'
import { keyOf, madeOnce, type VolumeWork } from '../volume/work.ts'
import type { ServerPlan } from './clone-plan.ts'
import type { CopyRef } from './take-copy.ts'
import { volumeCopyOf } from './volume-copy.ts'

export interface NewServer {
  /** Its user data is taken from there. */
  readonly sourceId: string
  readonly plan: ServerPlan
  readonly copy: CopyRef
  /** Until it runs; else until the cloud has agreed to make it. */
  readonly wait: boolean
}

export interface MadeServer {
  readonly [key: string]: Json
  readonly id: string
  readonly name: string
  readonly status: string
}

/** Out of the image, or out of a new volume where the snapshot is one of a volume. @throws Fault `openstack.*` */
export async function makeServer(work: VolumeWork, { sourceId, plan, copy, wait }: NewServer): Promise<MadeServer> {
  const { cloud } = work
  const made = await findMade(work)
  const id = made?.id ?? (await boot(work, { sourceId, plan, disk: await bootDisk(work, plan, copy) }))
  const server = wait ? await untilRunning(cloud, id) : await notFailed(cloud, id)
  return { id, name: plan.name, status: server.status }
}

async function bootDisk(work: VolumeWork, { name }: ServerPlan, copy: CopyRef): Promise<JsonObject> {
  if (copy.kind === 'image') return { imageRef: copy.id }
  const { id } = await volumeFromCopy(work, await volumeCopyOf(work.cloud, copy.id), { name, metadata: {} })
  return bootFrom(id)
}

/** By an attempt before this one. */
async function findMade(work: VolumeWork): Promise<Server | undefined> {
  return findMarked(serversOf(work.cloud), keyOf(work, serverPart), ({ metadata }) => metadata)
}

/** A large image comes to its host first. */
const longBoot: Duration = seconds(1800)

/** @throws Fault `openstack.error_state` with Nova's reason */
const untilRunning = (cloud: Cloud, id: string): Promise<Server> =>
  untilServer(cloud, id, { wanted: ['ACTIVE'], deadline: longBoot })

async function notFailed(cloud: Cloud, id: string): Promise<Server> {
  const server = await serverOf(cloud, id)
  return server.status === 'ERROR' ? untilRunning(cloud, id) : server
}

interface Boot {
  readonly sourceId: string
  readonly plan: ServerPlan
  /** What it boots from, in Nova's words. */
  readonly disk: JsonObject
}

const serverPart = 'server'

async function boot(work: VolumeWork, { sourceId, plan, disk }: Boot): Promise<string> {
  const { cloud } = work
  const server = await madeOnce<Pick<Server, 'id' | 'metadata'>>(work, {
    part: serverPart,
    list: () => serversOf(cloud),
    metadataOf: ({ metadata }) => metadata,
    async create(mark) {
      const { body } = await cloud.request<{ readonly server: { readonly id: string } }>({
        service: 'compute',
        method: 'POST',
        path: '/servers',
        body: await bodyFor(cloud, { sourceId, plan, disk, mark }),
        microversion: await cloud.bestVersion('compute', newestCompute),
      })
      return { id: body.server.id, metadata: {} }
    },
  })
  return server.id
}

async function bodyFor(
  cloud: Cloud,
  { sourceId, plan, disk, mark }: Boot & { readonly mark: Mark },
): Promise<ServerRequest> {
  const { securityGroups, ...definition } = plan
  const source = await findServer(cloud, sourceId)
  // New ports where the source has its own.
  const networks = plan.ports.map(({ networkId }) => ({ uuid: networkId }))
  const { server, ...hints } = serverBody(definition, disk, {
    metadata: { ...plan.metadata, ...mark },
    userData: source?.['OS-EXT-SRV-ATTR:user_data'] ?? null,
    networks: networks.length === 0 ? 'none' : networks,
  })
  const groups = securityGroups.map((name) => ({ name }))
  return { ...hints, server: { ...server, ...(groups.length === 0 ? {} : { security_groups: groups }) } }
}

const serversOf = (cloud: Cloud): AsyncIterable<Server> =>
  cloud.pages<Server>({ service: 'compute', path: '/servers/detail' }, 'servers')

/** What a piece of work made, whether or not its outcome is known: the server, then its volume. What is gone is as good. */
export async function unmakeServer(work: VolumeWork, copy: CopyRef): Promise<void> {
  const { cloud } = work
  const server = await findMade(work)
  if (server !== undefined) await deleteServer(cloud, server.id)
  const volume = await findMarked(allVolumes(cloud), keyOf(work, `volume/${copy.id}`), ({ metadata }) => metadata)
  if (volume !== undefined) await dropVolume(cloud, volume.id)
}
