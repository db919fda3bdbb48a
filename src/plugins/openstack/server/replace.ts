// Another server in the place of one that boots from a volume, for no cloud lets go of the volume that a server boots from:
// the new one boots from another volume, and has the same name, ports and volumes. The old one is stopped first and goes
// last, when the new one runs; until then everything can be put back, and is when something goes wrong.
import type { Json } from '../../../kernel/json.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { missing } from '../errors.ts'
import { markNames } from '../mark.ts'
import { untilGone } from '../wait.ts'
import { attachVolume, detachVolume } from '../volume/attachments.ts'
import { madeOnce, type VolumeWork } from '../volume/work.ts'
import { volumesOfServer, type ServerVolume } from './attachments.ts'
import { definitionOf, type ServerDefinition } from './definition.ts'
import { unlessGone } from './image.ts'
import { freePorts, givePorts } from './ports.ts'
import { bring, stopServer, type RestingState } from './power.ts'
import { findServer, newestCompute, untilServer, type Server } from './server.ts'

/** What must outlive us before anything is changed: without it nobody would know which ports belong together. */
export interface ReplacementRecord {
  readonly [key: string]: Json
  readonly server: ServerDefinition
  /** The one it boots from first. */
  readonly volumes: readonly HungVolume[]
  readonly rootVolumeId: string
  readonly newServerId: string | null
}

export interface HungVolume {
  readonly [key: string]: Json
  readonly volumeId: string
  readonly device: string | null
  readonly isRoot: boolean
}

export interface Replacement {
  /** Free and bootable. */
  readonly rootVolumeId: string
  /** What the new one is left in. */
  readonly power: RestingState
  /** Of an earlier attempt. */
  readonly known?: ReplacementRecord | undefined
  /** Makes it durable. */
  keep(record: ReplacementRecord): Promise<void>
  /** The same cloud, for putting back: it outlives a cancel. */
  readonly rescue: Cloud
}

export interface Replaced {
  readonly server: Server
  /** What the old one booted from; free, and up to the caller. */
  readonly oldRootVolumeId: string | null
}

/** Metadata: the id of the server that it stands in for. */
export const replacesName = 'fermata_replaces'

/** May be called again with what was kept. @throws Fault `openstack.*`; then the old server is there as it was */
export async function replaceServer(
  work: VolumeWork,
  serverId: string,
  { rootVolumeId, power, known, keep, rescue }: Replacement,
): Promise<Replaced> {
  const { cloud } = work
  const old = await findServer(cloud, serverId)
  if (old === undefined && known === undefined) throw missing('server', serverId)
  let record = known ?? (await recordOf(cloud, old as Server, rootVolumeId))
  if (known === undefined) await keep(record)
  let server: Server
  try {
    if (old !== undefined) {
      await stopServer(cloud, serverId)
      await letGo(cloud, record)
    }
    const { id } = await makeServer(work, record, old)
    record = { ...record, newServerId: id }
    await keep(record)
    await untilServer(cloud, id, { wanted: ['ACTIVE', ...(old === undefined ? ['SHUTOFF'] : [])] })
    for (const { volumeId, device } of dataOf(record)) await attachVolume(cloud, { volumeId, serverId: id, device })
    server = await bring(cloud, id, power)
  } catch (thrown) {
    // With the old one gone there is nothing to go back to: what there is stays for the next attempt.
    if (old !== undefined) await backToBefore(work, record, { power, rescue })
    throw thrown
  }
  if (old !== undefined) await deleteOld(cloud, record)
  return { server, oldRootVolumeId: record.volumes.find(({ isRoot }) => isRoot)?.volumeId ?? null }
}

async function recordOf(cloud: Cloud, old: Server, rootVolumeId: string): Promise<ReplacementRecord> {
  const [server, volumes] = await Promise.all([definitionOf(cloud, old), volumesOfServer(cloud, old)])
  return { server, volumes: volumes.map(hungVolume), rootVolumeId, newServerId: null }
}

const hungVolume = ({ volumeId, device, isRoot }: ServerVolume): HungVolume => ({ volumeId, device, isRoot })

const dataOf = ({ volumes }: ReplacementRecord): readonly HungVolume[] => volumes.filter(({ isRoot }) => !isRoot)

async function letGo(cloud: Cloud, record: ReplacementRecord): Promise<void> {
  const { server } = record
  for (const { volumeId } of dataOf(record)) await detachVolume(cloud, { volumeId, serverId: server.id })
  await freePorts(cloud, server.id, server.portIds)
}

/** Known by whom it stands in for, whichever attempt made it. */
async function makeServer(
  work: VolumeWork,
  record: ReplacementRecord,
  old: Server | undefined,
): Promise<{ readonly id: string }> {
  const { cloud } = work
  const { newServerId, server, rootVolumeId } = record
  if (newServerId !== null && (await findServer(cloud, newServerId)) !== undefined) return { id: newServerId }
  return madeOnce<{ readonly id: string } & Partial<Pick<Server, 'metadata'>>>(work, {
    part: `replacement/${server.id}/${rootVolumeId}`,
    list: () => cloud.pages<Server>({ service: 'compute', path: '/servers/detail' }, 'servers'),
    metadataOf: ({ metadata }) => metadata,
    async create(mark) {
      const metadata = { ...server.metadata, ...mark, [replacesName]: server.id }
      const body = describe(record, { metadata, userData: old?.['OS-EXT-SRV-ATTR:user_data'] ?? null })
      const microversion = await cloud.bestVersion('compute', newestCompute)
      const answer = await cloud.request<{ readonly server: { readonly id: string } }>({
        service: 'compute',
        method: 'POST',
        path: '/servers',
        body,
        microversion,
      })
      return answer.body.server
    },
  })
}

function describe(
  { server, rootVolumeId }: ReplacementRecord,
  { metadata, userData }: { readonly metadata: Readonly<Record<string, string>>; readonly userData: string | null },
): { readonly [key: string]: Json } {
  const { name, flavorId, keyName, zone, tags, description, hasConfigDrive, groupId, portIds } = server
  const boot = { boot_index: 0, uuid: rootVolumeId, source_type: 'volume', destination_type: 'volume' }
  return {
    server: {
      name,
      flavorRef: flavorId,
      metadata,
      networks: portIds.length === 0 ? 'none' : portIds.map((port) => ({ port })),
      block_device_mapping_v2: [{ ...boot, delete_on_termination: false }],
      ...(keyName === null ? {} : { key_name: keyName }),
      ...(zone === null ? {} : { availability_zone: zone }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(description === null ? {} : { description }),
      ...(hasConfigDrive ? { config_drive: true } : {}),
      ...(userData === null || userData === '' ? {} : { user_data: userData }),
    },
    ...(groupId === null ? {} : { 'os:scheduler_hints': { group: groupId } }),
  }
}

// What failed is what must be told; that something could not be put back must be told, too.
async function backToBefore(
  work: VolumeWork,
  record: ReplacementRecord,
  { power, rescue }: Pick<Replacement, 'power' | 'rescue'>,
): Promise<void> {
  const { server } = record
  const also = async (what: string, step: () => Promise<unknown>): Promise<void> => {
    try {
      await step()
    } catch (thrown) {
      rescue.log.error(`Server ${server.name} (${server.id}): ${what}: ${(thrown as Error).message}`)
    }
  }
  await also('its replacement is not taken back', async () => {
    for await (const one of rescue.pages<Server>({ service: 'compute', path: '/servers/detail' }, 'servers')) {
      if (one.metadata[replacesName] === server.id && isMadeBy(work, one)) await deleteServer(rescue, one.id)
    }
  })
  await also('it has not all of its ports', () => givePorts(rescue, server.id, server.portIds))
  for (const { volumeId, device } of dataOf(record)) {
    await also(`it has not its volume ${volumeId}`, () =>
      attachVolume(rescue, { volumeId, serverId: server.id, device }),
    )
  }
  await also(`it is not ${power}`, () => bring(rescue, server.id, power))
}

const isMadeBy = (work: VolumeWork, { metadata }: Server): boolean => metadata[markNames.node] === work.node

async function deleteOld(cloud: Cloud, { server, volumes }: ReplacementRecord): Promise<void> {
  const root = volumes.find(({ isRoot }) => isRoot)
  // What becomes of the volume is decided by who knows which copies rest on it.
  if (root !== undefined && (await cloud.supports('compute', '2.85'))) {
    await cloud
      .request({
        service: 'compute',
        method: 'PUT',
        path: pathOf`/servers/${server.id}/os-volume_attachments/${root.volumeId}`,
        body: { volumeAttachment: { volumeId: root.volumeId, delete_on_termination: false } },
        microversion: '2.85',
      })
      .catch(unlessGone)
  }
  await deleteServer(cloud, server.id)
}

/** Resolves when it is gone; what is gone already is as good. */
export async function deleteServer(cloud: Cloud, id: string): Promise<void> {
  const path = pathOf`/servers/${id}`
  await cloud.request({ service: 'compute', method: 'DELETE', path }).catch(unlessGone)
  await untilGone(cloud, () => findServer(cloud, id), {
    kind: 'server',
    id,
    // One in ERROR can be deleted all the same, and is in ERROR until it is.
    failed: () => false,
    status: ({ status }) => status,
  })
}
