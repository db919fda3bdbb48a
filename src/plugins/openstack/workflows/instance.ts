// The server that a workflow is about: found by its id or its exact name, with what its snapshots hang on.
import type { Json } from '../../../kernel/json.ts'
import type { Cloud } from '../client/cloud.ts'
import { ambiguous } from '../errors.ts'
import { volumesOfServer } from '../server/attachments.ts'
import { bootsFromVolume, findServer, newestCompute, serverOf, type Server } from '../server/server.ts'

/** As far as a workflow has to know it. */
export interface Instance {
  readonly [key: string]: Json
  readonly id: string
  readonly name: string
  readonly status: string
  /** Ids that it had before it was replaced, newest first: snapshots of those are its own. */
  readonly formerIds: readonly string[]
  /** The volume that it boots from; null: it has a disk of its own. */
  readonly rootVolume: string | null
  /** Those that its snapshots leave out. */
  readonly otherVolumes: readonly string[]
  /** When it was looked at. */
  readonly at: number
}

/** Metadata of a server that took the place of others: their ids. */
export const formerIdsName = 'fermata_was'

/** By id, or else by its exact name. @throws Fault `openstack.ambiguous` */
export async function findInstance(cloud: Cloud, nameOrId: string): Promise<Instance | undefined> {
  const server = (await byId(cloud, nameOrId)) ?? (await byName(cloud, nameOrId))
  if (server === undefined) return undefined
  const volumes = await volumesOfServer(cloud, server)
  const root = volumes.find(({ isRoot }) => isRoot)
  return {
    id: server.id,
    name: server.name,
    status: server.status,
    formerIds: (server.metadata[formerIdsName] ?? '').split(',').filter((id) => id !== ''),
    rootVolume: bootsFromVolume(server) ? (root?.volumeId ?? null) : null,
    otherVolumes: volumes.filter((one) => one !== root).map(({ volumeId, device }) => device ?? volumeId),
    at: cloud.world.clock.now(),
  }
}

// What cannot be an id is not asked for as one: Nova would look for it all the same.
async function byId(cloud: Cloud, id: string): Promise<Server | undefined> {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? findServer(cloud, id) : undefined
}

async function byName(cloud: Cloud, name: string): Promise<Server | undefined> {
  const found: string[] = []
  // Nova takes the name for an expression, and finds it anywhere in a name: all that it tells is compared again.
  const request = { service: 'compute', path: '/servers/detail', query: { name: `^${quoted(name)}$` } } as const
  const microversion = await cloud.bestVersion('compute', newestCompute)
  for await (const server of cloud.pages<Server>({ ...request, microversion }, 'servers')) {
    if (server.name === name && server.status !== 'DELETED') found.push(server.id)
  }
  const [id, other] = found
  if (other !== undefined) throw ambiguous('server', name, found)
  return id === undefined ? undefined : serverOf(cloud, id)
}

/** For the expressions of Nova's database, too, which know less than ours. */
const quoted = (name: string): string => name.replace(/[^\p{L}\p{N}_ -]/gu, (letter) => `\\${letter}`)
