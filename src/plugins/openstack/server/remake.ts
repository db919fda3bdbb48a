// A server that is gone, made anew of what a copy of it holds: with its name and all that defines it, its ports where they are
// still there and free, else the same addresses in the same networks, and its volumes at their devices.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Cloud } from '../client/cloud.ts'
import { restoreVolume } from '../volume/restore.ts'
import { findVolume } from '../volume/views.ts'
import { madeOnce, underKey, type VolumeWork } from '../volume/work.ts'
import type { ServerCopy, ServerVolumeCopy } from './copy.ts'
import type { ServerDefinition } from './definition.ts'
import { newRoot } from './exchange-root.ts'
import { bootFrom, serverBody } from './likeness.ts'
import { findPort } from './ports.ts'
import { restingStates } from './power.ts'
import { hangVolumes, standIn, standing } from './put-back-volumes.ts'
import type { ServerRestoreOptions } from './restore.ts'
import { findServer, newestCompute, untilServer, type Server } from './server.ts'

/** Its user data is not on record, for it may be secret. Resolves when it runs and has its volumes. */
export async function remakeServer(work: VolumeWork, copy: ServerCopy, options: ServerRestoreOptions): Promise<string> {
  const { cloud } = work
  const id = await make(work, copy, options)
  await untilServer(cloud, id, { wanted: restingStates })
  const beside = copy.volumes.filter(({ isRoot }) => !isRoot)
  await hangVolumes(work, id, beside, options)
  cloud.log.warning(`Server ${copy.server.name} was gone and is made anew (${id}); its user data is not on record`)
  return id
}

async function make(
  work: VolumeWork,
  { server, imageId, volumes }: ServerCopy,
  options: ServerRestoreOptions,
): Promise<string> {
  const { cloud } = work
  const memory = options.memory('replacement')
  const root = volumes.find(({ isRoot }) => isRoot)
  const known = memory.read()
  const earlier = isJsonObject(known) && typeof known['remade'] === 'string' ? known['remade'] : undefined
  if (earlier !== undefined && (await findServer(cloud, earlier)) !== undefined) return earlier
  const key = isJsonObject(known) && typeof known['key'] === 'string' ? known['key'] : undefined
  const own = key === undefined ? work : underKey(work, key)
  // Before it is made: a restore that is carried on is another piece of work.
  await memory.write({ key: own.key })
  const made = await madeOnce<Pick<Server, 'id' | 'metadata'>>(own, {
    part: `remade/${server.id}`,
    list: () => cloud.pages<Server>({ service: 'compute', path: '/servers/detail' }, 'servers'),
    metadataOf: ({ metadata }) => metadata,
    async create(mark) {
      const metadata = { ...server.metadata, ...mark }
      const networks = await networksFor(cloud, server)
      const source = root === undefined ? { imageRef: imageId } : bootFrom(await rootFor(work, root, options))
      const answer = await cloud.request<{ readonly server: { readonly id: string } }>({
        service: 'compute',
        method: 'POST',
        path: '/servers',
        body: serverBody(server, source, { metadata, userData: null, networks }),
        microversion: await cloud.bestVersion('compute', newestCompute),
      })
      return { id: answer.body.server.id, metadata }
    },
  })
  await memory.write({ key: own.key, remade: made.id })
  return made.id
}

/** Its own, or what took its place, where that is left and free. */
async function rootFor(work: VolumeWork, { copy }: ServerVolumeCopy, options: ServerRestoreOptions): Promise<string> {
  const { lasting, memory } = options
  // A snapshot goes back to its own volume alone.
  const left = copy.backupId === null ? [copy.volume.id] : [standing(copy, options), copy.volume.id]
  for (const volumeId of left) {
    const volume = await findVolume(work.cloud, volumeId)
    if (volume?.attachments.length !== 0) continue
    return restoreVolume(work, copy, { lasting, memory: memory('volume'), volumeId, seats: [] })
  }
  const made = await newRoot(work, copy, memory('root'))
  await standIn(copy, made, options)
  return made
}

async function networksFor(cloud: Cloud, { ports }: ServerDefinition): Promise<Json> {
  if (ports.length === 0) return 'none'
  return Promise.all(
    ports.map(async ({ id, networkId, address }): Promise<Json> => {
      const port = await findPort(cloud, id)
      if (port?.device_id === '') return { port: id }
      return { uuid: networkId, ...(address === null || port !== undefined ? {} : { fixed_ip: address }) }
    }),
  )
}
