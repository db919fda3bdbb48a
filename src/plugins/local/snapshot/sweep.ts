// Takes away blobs that no snapshot needs, and folders of ours that hold nothing.
import { readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { readJson, writeJson } from './durable-file.ts'
import { objectPath, type StoreLayout } from './layout.ts'
import { openManifest, type SealedManifest } from './manifest.ts'

/** Call it with the store locked. Deletes nothing while a manifest cannot be read: nobody knows what that one needs. */
export async function sweepObjects(ctx: OperationContext, store: StoreLayout): Promise<void> {
  try {
    const manifests = await allManifests(store)
    const needed = new Set<string>(await stagedNeeds(store))
    for (const { isIncremental, entries } of manifests) {
      if (!isIncremental) continue
      for (const entry of entries) if (entry.type === 'file') needed.add(objectPath(store.objects, entry.digest))
    }
    await removeOthers(store.objects, needed)
    await pointToLatest(store, manifests)
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    ctx.log.warning(`Contents that may not be needed any more are kept in '${store.objects}': ${reason}`)
  }
}

/** Removes each of the store's folders as far as it is empty. */
export async function removeLeftovers(store: StoreLayout): Promise<void> {
  const parent = store.isParentOurs ? [dirname(store.root)] : []
  for (const folder of [store.staging, store.objects, store.snapshots, store.root, ...parent]) {
    await rmdir(folder).catch(() => undefined)
  }
}

async function allManifests(store: StoreLayout): Promise<SealedManifest[]> {
  const found: SealedManifest[] = []
  for (const folder of await namesIn(store.snapshots)) {
    const value = await readJson(join(store.snapshots, folder, 'manifest.json'))
    if (value !== undefined) found.push(openManifest(value, decodeURIComponent(folder)))
  }
  return found
}

// A cut that is not settled yet refers to blobs of its parent.
async function stagedNeeds(store: StoreLayout): Promise<string[]> {
  const needed: string[] = []
  for (const folder of await namesIn(store.staging)) {
    const cut = await readJson(join(store.staging, folder, 'cut.json'))
    if (cut === undefined || !isJsonObject(cut)) continue
    for (const { digest } of cut['entries'] as readonly JsonObject[]) {
      if (typeof digest === 'string') needed.push(objectPath(store.objects, digest))
    }
  }
  return needed
}

/** Removes every blob below `objects` whose path is not among `needed`. */
export async function removeOthers(objects: string, needed: ReadonlySet<string>): Promise<void> {
  for (const prefix of await namesIn(objects)) {
    const folder = join(objects, prefix)
    for (const name of await namesIn(folder)) {
      if (!needed.has(join(folder, name))) await rm(join(folder, name), { force: true })
    }
    await rmdir(folder).catch(() => undefined)
  }
}

async function pointToLatest(store: StoreLayout, manifests: readonly SealedManifest[]): Promise<void> {
  const newestFirst = manifests
    .filter((manifest) => manifest.isIncremental)
    .sort((left, right) => (BigInt(left.begunAt) > BigInt(right.begunAt) ? -1 : 1))
  const [newest] = newestFirst
  if (newest) await writeJson(store.latest, { name: newest.name })
  else await rm(store.latest, { force: true })
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
