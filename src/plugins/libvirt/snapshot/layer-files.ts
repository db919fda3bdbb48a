// The files that snapshots are made of, on a hypervisor that we may not be on: looked for, made and removed by its pools.
import { basename, dirname } from 'node:path/posix'
import type { OperationContext } from '../../contract/context.ts'
import { closePlace, folderPlace, type Place } from '../backup/place.ts'
import { inTurn } from '../backup/place-users.ts'
import { volumeFacts } from '../backup/volume-facts.ts'
import { deleteVolume, findFile, refresh } from '../backup/volumes.ts'
import { hasCode } from '../client/errors.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import { element } from '../xml/element.ts'
import { writeXml } from '../xml/write.ts'

type Scene = Pick<OperationContext, 'signal' | 'world'>

export interface LayerFile {
  readonly path: string
  /** It must be there. */
  readonly below: string
}

/** Those that are not there. */
export async function absentFiles(ctx: Scene, hypervisor: Hypervisor, paths: Iterable<string>): Promise<string[]> {
  const absent: string[] = []
  for (const [folder, files] of byFolder(paths))
    await inFolder(ctx, hypervisor, folder, async (place) => {
      for (const path of files) if (!place || !(await findFile(ctx, place, basename(path)))) absent.push(path)
    })
  return absent
}

/** Empty qcow2 layers. One of that name that is there already is kept: its name says which operation made it. */
export async function makeLayers(ctx: Scene, hypervisor: Hypervisor, layers: readonly LayerFile[]): Promise<void> {
  for (const { path, below } of layers) {
    const facts = await inFolder(ctx, hypervisor, dirname(below), async (place) => {
      const vol = place && (await findFile(ctx, place, basename(below)))
      return vol && volumeFacts(ctx, hypervisor, vol)
    })
    await inFolder(ctx, hypervisor, dirname(path), async (place) => {
      if (!place || !facts || (await findFile(ctx, place, basename(path)))) return
      const { format, capacity } = facts
      const xml = layerXml({ name: basename(path), capacity, below: { path: below, format } })
      await hypervisor.call('STORAGE_VOL_CREATE_XML', { pool: place.pool, xml }, ctx)
    })
  }
}

interface NewLayerFile {
  readonly path: string
  /** Bytes, as the guest sees them. */
  readonly capacity: bigint
  readonly below: { readonly path: string; readonly format: string }
}

/** False where no pool that runs knows the folder. For whoever is in a hurry: nothing is looked at anew. */
export async function makeLayerAt(ctx: Scene, hypervisor: Hypervisor, layer: NewLayerFile): Promise<boolean> {
  const { path, capacity, below } = layer
  const { signal } = ctx
  const looked = hypervisor.call('STORAGE_POOL_LOOKUP_BY_TARGET_PATH', { path: dirname(path) }, { signal })
  const found = await looked.catch((thrown: unknown) => {
    if (hasCode(thrown, 'NO_STORAGE_POOL')) return undefined
    throw thrown
  })
  if (!found) return false
  const xml = layerXml({ name: basename(path), capacity, below })
  await hypervisor.call('STORAGE_VOL_CREATE_XML', { pool: found.pool, xml }, { signal })
  return true
}

/** What is not there is gone. */
export async function removeFiles(ctx: Scene, hypervisor: Hypervisor, paths: Iterable<string>): Promise<void> {
  for (const [folder, files] of byFolder(paths))
    await inFolder(ctx, hypervisor, folder, async (place) => {
      for (const path of files) {
        const vol = place && (await findFile(ctx, place, basename(path)))
        if (vol) await deleteVolume(ctx, { hypervisor }, vol)
      }
    })
}

function byFolder(paths: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(new Set(paths), (path) => dirname(path))
}

/** One at a time: what one makes, another's look at the folder must not come across. */
function inFolder<Value>(
  ctx: Scene,
  hypervisor: Hypervisor,
  folder: string,
  work: (place: Place | undefined) => Promise<Value>,
): Promise<Value> {
  return inTurn(`layers\0${hypervisor.uri}\0${folder}`, () => alone(ctx, hypervisor, folder, work))
}

/** Undefined: there is no such folder. What is there was looked at anew. */
async function alone<Value>(
  ctx: Scene,
  hypervisor: Hypervisor,
  folder: string,
  work: (place: Place | undefined) => Promise<Value>,
): Promise<Value> {
  const place = await folderPlace(ctx, hypervisor, folder)
  if (!place) return work(undefined)
  try {
    await refresh(ctx, place)
    return await work(place)
  } finally {
    await closePlace({ signal: new AbortController().signal }, place)
  }
}

function layerXml({ name, capacity, below }: Omit<NewLayerFile, 'path'> & { readonly name: string }): string {
  const permissions = element('permissions', {}, element('mode', {}, '0600'))
  return writeXml(
    element(
      'volume',
      { type: 'file' },
      element('name', {}, name),
      element('capacity', { unit: 'bytes' }, String(capacity)),
      element('target', {}, element('format', { type: 'qcow2' }), permissions, element('compat', {}, '1.1')),
      element('backingStore', {}, element('path', {}, below.path), element('format', { type: below.format })),
    ),
  )
}
