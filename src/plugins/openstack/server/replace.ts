// Another server in the place of one that boots from a volume, for no cloud lets go of the volume that a server boots from:
// the new one boots from another volume, and has the same name, ports and volumes. The old one is stopped first and goes
// last, when the new one runs; until then everything can be put back, and is when something goes wrong.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { missing } from '../errors.ts'
import { markNames } from '../mark.ts'
import { untilGone } from '../wait.ts'
import { attachVolume, detachVolume } from '../volume/attachments.ts'
import type { Memory } from '../volume/memory.ts'
import { madeOnce, type VolumeWork } from '../volume/work.ts'
import { volumesOfServer, type ServerVolume } from './attachments.ts'
import { definitionOf, isDefinition, type ServerDefinition } from './definition.ts'
import { unlessGone } from './image.ts'
import { bootFrom, serverBody } from './likeness.ts'
import { freePorts, givePorts } from './ports.ts'
import { bring, restingStates, stopServer, type RestingState } from './power.ts'
import { findServer, newestCompute, untilServer, type Server } from './server.ts'

interface Held {
  readonly server: ServerDefinition
  /** The one it boots from first. */
  readonly volumes: readonly HungVolume[]
}

/** What must outlive us before anything is changed: without it nobody would know which ports belong together. */
interface ReplacementRecord extends Held {
  readonly rootVolumeId: string
}

interface HungVolume {
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
  /** Done when the old one is off and still has its volumes; not again once the new one is there. */
  whileOff?(): Promise<void>
  readonly memory: Memory
  /** The same cloud for who cleans up: it heeds no cancel. */
  readonly lasting: Cloud
}

/** What it was when it was made: the same for it and all its replacements, so that what was saved of one is the others', too. */
export const firstIdOf = ({ id, metadata }: Pick<Server, 'id' | 'metadata'>): string =>
  metadata[replacementNames.first] || id

export interface Replaced {
  readonly server: Server
  /** What the old one booted from; free, and up to the caller. */
  readonly oldRootVolumeId: string | null
}

/** Metadata: the id of the server that it stands in for, of the first one in that row, and of the volume that it boots from. */
export const replacementNames = { replaces: 'fermata_replaces', first: 'fermata_first', root: 'fermata_root' } as const

/** May be called again, with the same memory. @throws Fault `openstack.*`; then the old server is there as it was */
export async function replaceServer(
  work: VolumeWork,
  serverId: string,
  { rootVolumeId, power, memory, lasting, whileOff }: Replacement,
): Promise<Replaced> {
  const { cloud } = work
  const old = await findServer(cloud, serverId)
  const known = recordIn(memory.read(), serverId)
  if (old !== undefined && known !== undefined && known.rootVolumeId !== rootVolumeId) {
    // Another restore died on its way: its replacement holds the ports.
    await removeReplacements(cloud, work, serverId)
  }
  let record = known && { ...known, rootVolumeId }
  let server: Server
  try {
    const there = await findSuccessor(work, serverId, rootVolumeId)
    if (there === undefined && old !== undefined) {
      await stopServer(cloud, serverId)
      await whileOff?.()
    }
    // What was put back meanwhile may hang on it for the first time.
    record ??= { ...(await recordOf(cloud, old, serverId)), rootVolumeId }
    await memory.write({ ...record })
    if (there === undefined && old !== undefined) await letGo(cloud, record)
    server = there ?? (await makeSuccessor(work, record, old))
    for (const { volumeId, device } of dataOf(record)) {
      await attachVolume(cloud, { volumeId, serverId: server.id, device })
    }
    server = await bring(cloud, server.id, power)
  } catch (thrown) {
    // With the old one gone there is nothing to go back to: what there is stays for the next attempt.
    if (old !== undefined && record !== undefined) {
      const isWhole = await backToBefore(work, record, { power, lasting })
      // It may have other ports by the time somebody tries again.
      if (isWhole) await memory.write(undefined)
    }
    throw thrown
  }
  if (old !== undefined) await deleteOld(cloud, record)
  return { server, oldRootVolumeId: record.volumes.find(({ isRoot }) => isRoot)?.volumeId ?? null }
}

function recordIn(value: Json | undefined, serverId: string): ReplacementRecord | undefined {
  if (!isJsonObject(value) || !isDefinition(value['server']) || value['server'].id !== serverId) return undefined
  return Array.isArray(value['volumes']) ? (value as unknown as ReplacementRecord) : undefined
}

async function recordOf(cloud: Cloud, old: Server | undefined, serverId: string): Promise<Held> {
  if (old === undefined) throw missing('server', serverId)
  const [server, volumes] = await Promise.all([definitionOf(cloud, old), volumesOfServer(cloud, old)])
  return { server, volumes: volumes.map(hungVolume) }
}

const hungVolume = ({ volumeId, device, isRoot }: ServerVolume): HungVolume => ({ volumeId, device, isRoot })

const dataOf = ({ volumes }: ReplacementRecord): readonly HungVolume[] => volumes.filter(({ isRoot }) => !isRoot)

async function letGo(cloud: Cloud, record: ReplacementRecord): Promise<void> {
  const { server } = record
  for (const { volumeId } of dataOf(record)) await detachVolume(cloud, { volumeId, serverId: server.id })
  await freePorts(cloud, server.id, server.ports)
}

/** Known by whom it stands in for, whichever attempt made it. It runs, or is in what that attempt has left it in. */
async function findSuccessor(work: VolumeWork, serverId: string, rootVolumeId: string): Promise<Server | undefined> {
  const { cloud } = work
  for await (const one of replacementsOf(cloud, work, serverId)) {
    if (one.metadata[replacementNames.root] === rootVolumeId)
      return untilServer(cloud, one.id, { wanted: restingStates })
  }
  return undefined
}

async function makeSuccessor(work: VolumeWork, record: ReplacementRecord, old: Server | undefined): Promise<Server> {
  const { cloud } = work
  const { server, rootVolumeId } = record
  const userData = old?.['OS-EXT-SRV-ATTR:user_data']
  if (old !== undefined && userData === undefined) {
    cloud.log.warning(`The cloud does not show the user data of server ${old.name}: its replacement has none`)
  }
  const made = await madeOnce<Pick<Server, 'id' | 'metadata'>>(work, {
    part: `replacement/${server.id}`,
    list: () => replacementsOf(cloud, work, server.id),
    // One that boots from another volume is that of another restore.
    metadataOf: ({ metadata }) => (metadata[replacementNames.root] === rootVolumeId ? metadata : undefined),
    async create(mark) {
      const metadata = {
        ...server.metadata,
        ...mark,
        [replacementNames.replaces]: server.id,
        [replacementNames.first]: firstIdOf(server),
        [replacementNames.root]: rootVolumeId,
      }
      const { body } = await cloud.request<{ readonly server: { readonly id: string } }>({
        service: 'compute',
        method: 'POST',
        path: '/servers',
        body: serverBody(server, bootFrom(rootVolumeId), { metadata, userData: userData ?? null }),
        microversion: await cloud.bestVersion('compute', newestCompute),
      })
      return { id: body.server.id, metadata }
    },
  })
  return untilServer(cloud, made.id, { wanted: ['ACTIVE'] })
}

async function* replacementsOf(cloud: Cloud, { node }: VolumeWork, serverId: string): AsyncIterable<Server> {
  const request = { service: 'compute', path: '/servers/detail' } as const
  for await (const one of cloud.pages<Server>(request, 'servers')) {
    if (one.metadata[replacementNames.replaces] === serverId && one.metadata[markNames.node] === node.slice(0, 255))
      yield one
  }
}

async function removeReplacements(cloud: Cloud, work: VolumeWork, serverId: string): Promise<void> {
  for await (const { id } of replacementsOf(cloud, work, serverId)) await deleteServer(cloud, id)
}

// What failed is what must be told; that something could not be put back must be told, too.
async function backToBefore(
  work: VolumeWork,
  record: ReplacementRecord,
  { power, lasting }: Pick<Replacement, 'power' | 'lasting'>,
): Promise<boolean> {
  const { server } = record
  let isWhole = true
  const also = async (what: string, step: () => Promise<unknown>): Promise<void> => {
    try {
      await step()
    } catch (thrown) {
      isWhole = false
      lasting.log.error(`Server ${server.name} (${server.id}): ${what}: ${(thrown as Error).message}`)
    }
  }
  await also('its replacement is not taken back', () => removeReplacements(lasting, work, server.id))
  await also('it has not all of its ports', () => givePorts(lasting, server.id, server.ports))
  for (const { volumeId, device } of dataOf(record)) {
    await also(`it has not its volume ${volumeId}`, () =>
      attachVolume(lasting, { volumeId, serverId: server.id, device }),
    )
  }
  await also(`it is not ${power}`, () => bring(lasting, server.id, power))
  return isWhole
}

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
