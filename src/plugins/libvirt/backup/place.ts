// Where files of a hypervisor lie, seen through its storage pools: so it is the same whether the hypervisor is this
// machine or one of which we only have a socket. A folder without a pool gets one of ours for as long as it is worked in.
import { dirname } from 'node:path/posix'
import type { OperationContext } from '../../contract/context.ts'
import { hasCode } from '../client/errors.ts'
import { poolCreate } from '../client/flags.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Pool, Volume } from '../client/structs.ts'
import { textAt } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { folderPoolXml } from './documents.ts'
import { poolName } from './names.ts'
import type { BackupPlace } from './part.ts'
import { enter, inTurn, leave } from './place-users.ts'
import { refreshPool } from './refresh-pool.ts'

/** A pool in which we work. */
export interface Place {
  readonly hypervisor: Hypervisor
  readonly pool: Pool
  /** Of the folder. */
  readonly path: string
  /** What each of our volumes there begins with. */
  readonly prefix: string
  /** It is there for us alone. */
  readonly isOurs: boolean
  /** Its volumes are files in that folder. */
  readonly holdsFiles: boolean
  /** We made it, so it ends without a definition. */
  readonly isFresh?: boolean
  /** It is somebody's, and runs for our sake. */
  readonly wasStopped: boolean
  /** Opened and closed by one at a time. */
  readonly turn: string
}

type Scene = Pick<OperationContext, 'signal'>

/** `make`: a missing folder is made. undefined: there is no such folder or pool. */
export async function openPlace(
  ctx: Scene,
  hypervisor: Hypervisor,
  { place, name, make = false }: { readonly place: BackupPlace; readonly name: string; readonly make?: boolean },
): Promise<Place | undefined> {
  if ('pool' in place) return namedPool(ctx, hypervisor, place.pool, `${name}-`)
  return folderPlace(ctx, hypervisor, placePath(place.directory, name), make)
}

/** Of a backup's own folder. */
export const placePath = (directory: string, name: string): string => `${directory.replace(/\/+$/, '')}/${name}`

/** undefined: there is no such folder. */
export async function folderPlace(
  ctx: Scene,
  hypervisor: Hypervisor,
  path: string,
  make = false,
): Promise<Place | undefined> {
  const turn = `${hypervisor.uri}\0${path}`
  return inTurn(turn, async () => entered(await openFolder(ctx, hypervisor, { path, turn, make })))
}

async function openFolder(
  ctx: Scene,
  hypervisor: Hypervisor,
  { path, turn, make }: { readonly path: string; readonly turn: string; readonly make: boolean },
): Promise<Place | undefined> {
  const name = poolName(path)
  const known = await hypervisor.call('STORAGE_POOL_LOOKUP_BY_TARGET_PATH', { path }, ctx).catch(without)
  const found = { hypervisor, path, prefix: '', holdsFiles: true, turn }
  if (known) return working(ctx, { ...found, pool: known.pool, isOurs: known.pool.name === name, wasStopped: false })
  const xml = folderPoolXml(name, path)
  const flags = make ? poolCreate.build : 0
  const create = () => hypervisor.call('STORAGE_POOL_CREATE_XML', { xml, flags }, ctx)
  try {
    const { pool } = await create().catch(async (thrown: unknown) => {
      if (!hasCode(thrown, 'OPERATION_FAILED') || !(await forgetDefinition(ctx, hypervisor, name))) throw thrown
      return create()
    })
    return { ...found, pool, isOurs: true, isFresh: true, wasStopped: false }
  } catch (thrown) {
    // Made by somebody else in between, or by an attempt of ours whose answer was lost.
    const again = await hypervisor.call('STORAGE_POOL_LOOKUP_BY_TARGET_PATH', { path }, ctx).catch(without)
    if (again) return { ...found, pool: again.pool, isOurs: again.pool.name === name, wasStopped: false }
    if (!make && hasCode(thrown, 'SYSTEM_ERROR', 'INTERNAL_ERROR')) return undefined
    throw thrown
  }
}

/** Of one that died when it had removed the folder. False: there is none. */
async function forgetDefinition(ctx: Scene, hypervisor: Hypervisor, name: string): Promise<boolean> {
  const found = await hypervisor.call('STORAGE_POOL_LOOKUP_BY_NAME', { name }, ctx).catch(without)
  if (!found) return false
  const { active } = await hypervisor.call('STORAGE_POOL_IS_ACTIVE', { pool: found.pool }, ctx)
  if (active !== 0) return false
  await hypervisor.call('STORAGE_POOL_UNDEFINE', { pool: found.pool }, ctx).catch(settled)
  return true
}

/** Ends a pool of ours, stops one that we started, unless somebody else of us works in it; the files stay. */
export async function closePlace({ signal: given }: Scene, place: Place): Promise<void> {
  const { hypervisor, pool, isOurs, isFresh = false, turn } = place
  // Also when the operation is being cancelled.
  const ctx = { signal: given.aborted ? new AbortController().signal : given }
  await inTurn(turn, async () => {
    const { isLast, wasStopped } = leave(place)
    if (!isLast || (!isOurs && !wasStopped)) return
    await hypervisor.call('STORAGE_POOL_DESTROY', { pool }, ctx).catch(settled)
    // One that died while it removed the folder had given the pool a definition.
    if (isOurs && !isFresh) await hypervisor.call('STORAGE_POOL_UNDEFINE', { pool }, ctx).catch(settled)
  })
}

/** A pool of ours stays for whoever carries on; somebody's is as it was before. */
export async function leavePlace(ctx: Scene, place: Place): Promise<void> {
  if (place.isOurs) leave(place)
  else await closePlace(ctx, place)
}

/** Ends a pool of ours and takes its folder away, unless something is left in it: then false. */
export async function removePlace(ctx: Scene, place: Place): Promise<boolean> {
  const { hypervisor, pool, isOurs, path } = place
  await leavePlace(ctx, place)
  if (!isOurs) return true
  // Only a pool that stands still can be deleted, and one that has no definition is gone then: it is given one. Not before
  // it stands still: libvirt 9.0 frees what a pool was made of when it ends one that was defined anew while it ran, and may
  // die of another call that reads it just then.
  const xml = folderPoolXml(pool.name, path)
  await hypervisor.call('STORAGE_POOL_DESTROY', { pool }, ctx).catch(settled)
  await hypervisor.call('STORAGE_POOL_DEFINE_XML', { xml: withUuid(xml, pool.uuid) }, ctx)
  try {
    await hypervisor.call('STORAGE_POOL_DELETE', { pool }, ctx)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'SYSTEM_ERROR', 'INTERNAL_ERROR')) return false
    throw thrown
  } finally {
    await hypervisor.call('STORAGE_POOL_UNDEFINE', { pool }, ctx).catch(settled)
  }
}

/** A volume, and the place that was opened for it. */
export interface PlacedVolume {
  readonly vol: Volume
  readonly place: Place
}

/** The volume at this path with the place it lies in; where no pool knows it, in a pool of ours for its folder. */
export async function volumeAt(
  ctx: Pick<OperationContext, 'signal' | 'world'>,
  hypervisor: Hypervisor,
  path: string,
): Promise<PlacedVolume | undefined> {
  const place = await folderPlace(ctx, hypervisor, dirname(path))
  if (place === undefined) return undefined
  const name = path.slice(dirname(path).length).replace(/^\/+/, '')
  return foundIn(ctx, place, async () => {
    const known = await volumeOf(ctx, place, name)
    if (known !== undefined) return known
    await refreshPool(ctx, hypervisor, place.pool)
    return volumeOf(ctx, place, name)
  })
}

/** A place in which nothing is found is closed. */
export async function foundIn(
  ctx: Scene,
  place: Place,
  find: () => Promise<Volume | undefined>,
): Promise<PlacedVolume | undefined> {
  let vol: Volume | undefined
  try {
    vol = await find()
  } finally {
    if (vol === undefined) await closePlace(ctx, place)
  }
  return vol && { vol, place }
}

async function volumeOf(ctx: Scene, { hypervisor, pool }: Place, name: string): Promise<Volume | undefined> {
  return (await hypervisor.call('STORAGE_VOL_LOOKUP_BY_NAME', { pool, name }, ctx).catch(without))?.vol
}

export async function namedPool(
  ctx: Scene,
  hypervisor: Hypervisor,
  name: string,
  prefix: string,
): Promise<Place | undefined> {
  const turn = `${hypervisor.uri}\0pool ${name}`
  return inTurn(turn, async () => entered(await openPool(ctx, hypervisor, { name, prefix, turn })))
}

async function openPool(
  ctx: Scene,
  hypervisor: Hypervisor,
  { name, prefix, turn }: { readonly name: string; readonly prefix: string; readonly turn: string },
): Promise<Place | undefined> {
  const found = await hypervisor.call('STORAGE_POOL_LOOKUP_BY_NAME', { name }, ctx).catch(without)
  if (!found) return undefined
  const { pool } = found
  const { xml } = await hypervisor.call('STORAGE_POOL_GET_XML_DESC', { pool }, ctx)
  const root = parseXml(xml, `the pool '${name}'`)
  const path = textAt(root, 'target/path') ?? ''
  const holdsFiles = ['dir', 'fs', 'netfs'].includes(root.attributes['type'] ?? '')
  return working(ctx, { hypervisor, pool, path, prefix, holdsFiles, isOurs: false, wasStopped: false, turn })
}

const entered = (place: Place | undefined): Place | undefined => place && enter(place)

async function working(ctx: Scene, place: Place): Promise<Place> {
  const { hypervisor, pool } = place
  const { active } = await hypervisor.call('STORAGE_POOL_IS_ACTIVE', { pool }, ctx)
  if (active !== 0) return place
  await hypervisor.call('STORAGE_POOL_CREATE', { pool }, ctx)
  return { ...place, wasStopped: true }
}

function withUuid(xml: string, uuid: string): string {
  return xml.replace('</name>', `</name><uuid>${uuid}</uuid>`)
}

// Stopped, or gone, already.
function settled(thrown: unknown): undefined {
  if (hasCode(thrown, 'OPERATION_INVALID')) return undefined
  return without(thrown)
}

function without(thrown: unknown): undefined {
  if (hasCode(thrown, 'NO_STORAGE_POOL', 'NO_STORAGE_VOL')) return undefined
  throw thrown
}
