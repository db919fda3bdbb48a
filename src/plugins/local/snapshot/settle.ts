// The second half of a snapshot: digests of what was copied, blobs to their places, the manifest last of all.
import { access, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { fromJsonPath, shownPath, type RawPath } from '../directory/raw-path.ts'
import { bootId } from '../../guard/process-table.ts'
import { digestFile, keepBlob } from './blob.ts'
import type { Cut, CutEntry } from './cut.ts'
import { readJson, syncFolder, writeJson } from './durable-file.ts'
import { inParallel } from './in-parallel.ts'
import { manifestPath, objectPath, objectsOf, stagingFolder, type StoreLayout } from './layout.ts'
import { damaged, readManifest, sealManifest, type SealedManifest, type TreeEntry } from './manifest.ts'
import { withStoreLock } from './store-lock.ts'
import { removeLeftovers, removeOthers, sweepObjects } from './sweep.ts'

const filesAtOnce = 4

/** Resolves with the snapshot as it was read back. Safe to repeat after an interruption at any point. */
export async function settleCut(
  ctx: OperationContext,
  store: StoreLayout,
  wanted: { readonly name: string; readonly cutId: string },
): Promise<SealedManifest> {
  const settled = await readManifest(store, wanted.name)
  const staging = stagingFolder(store, ctx.operation.key)
  if (settled?.cutId !== wanted.cutId) {
    const cut = await readCut(staging, wanted)
    const digests = await hashStaged(ctx, staging, cut)
    ctx.log.debug('Every copy is on disk')
    await withStoreLock(ctx, store, () => publish(ctx, store, cut, digests))
  }
  ctx.log.debug('The manifest is there')
  await rm(staging, { recursive: true, force: true })
  await removeLeftovers(store)
  const manifest = await readManifest(store, wanted.name)
  if (!manifest) throw damaged(wanted.name, 'its manifest is gone')
  return manifest
}

async function readCut(
  staging: string,
  { name, cutId }: { readonly name: string; readonly cutId: string },
): Promise<Cut> {
  const value = await readJson(join(staging, 'cut.json'))
  if (value === undefined || !isJsonObject(value) || value['cutId'] !== cutId) throw damaged(name, 'its copy is gone')
  const cut = { ...value, entries: (value['entries'] as readonly JsonObject[]).map(entryFromJson) } as unknown as Cut
  if (cut.bootId === bootId()) return cut
  throw damaged(name, 'the machine was restarted before the copy was safe on disk')
}

function entryFromJson(value: JsonObject): CutEntry {
  const entry = { ...value, path: fromJsonPath(value['path']) } as unknown as CutEntry
  return entry.type === 'symlink' ? { ...entry, target: fromJsonPath(value['target']) ?? '' } : entry
}

// Kept in a file of its own, because the copies themselves leave the staging folder one by one when they are published.
async function hashStaged(ctx: OperationContext, staging: string, cut: Cut): Promise<Readonly<Record<string, string>>> {
  const path = join(staging, 'digests.json')
  const known = await readJson(path)
  if (known !== undefined) return known as Readonly<Record<string, string>>
  const digests: Record<string, string> = {}
  await inParallel(cut.entries, filesAtOnce, async (entry) => {
    if (!('staged' in entry)) return
    const copy = join(staging, entry.staged)
    const { digest, size } = await digestFile(copy, { signal: ctx.signal, isSynced: true })
    if (size !== entry.size) throw damaged(cut.name, `the copy of '${shownPath(entry.path)}' is cut short`)
    digests[entry.staged] = digest
  })
  await writeJson(path, digests as unknown as Json)
  return digests
}

async function publish(
  ctx: OperationContext,
  store: StoreLayout,
  cut: Cut,
  digests: Readonly<Record<string, string>>,
): Promise<void> {
  const replaced = await readManifest(store, cut.name)
  const objects = objectsOf(store, cut.name, cut.isIncremental)
  const staging = stagingFolder(store, ctx.operation.key)
  const entries: TreeEntry[] = []
  const folders = new Set<string>()
  for (const entry of cut.entries) {
    if (!('staged' in entry)) {
      entries.push(entry)
      continue
    }
    const { staged, ...file } = entry
    const digest = digests[staged] ?? ''
    await moveBlob(objects, digest, join(staging, staged))
    folders.add(join(objectPath(objects, digest), '..'))
    entries.push({ ...file, digest })
  }
  for (const folder of folders) await syncFolder(folder)
  await requireBlobs(cut.name, objects, entries)
  ctx.log.debug('Every content is in its place')
  const { bootId: _, ...rest } = cut
  const bytes = entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0)
  await writeJson(manifestPath(store, cut.name), sealManifest({ ...rest, bytes, entries }))
  if (cut.isIncremental) await writeJson(store.latest, { name: cut.name })
  if (!replaced) return
  if (cut.isIncremental) await sweepObjects(ctx, store)
  else await removeOthers(objects, new Set(Object.values(digests).map((digest) => objectPath(objects, digest))))
}

// Not there any more: an earlier attempt moved it, or a file with the same content came first.
async function moveBlob(objects: string, digest: string, copy: string): Promise<void> {
  const isThere = await access(copy).then(
    () => true,
    () => false,
  )
  if (isThere) await keepBlob(objects, digest, copy)
}

async function requireBlobs(name: string, objects: string, entries: readonly TreeEntry[]): Promise<void> {
  const missing = (path: RawPath): Error => damaged(name, `the content of '${shownPath(path)}' is missing`)
  await inParallel(entries, filesAtOnce, async (entry) => {
    if (entry.type !== 'file') return
    const found = await stat(objectPath(objects, entry.digest)).catch(() => undefined)
    if (found?.size !== entry.size) throw missing(entry.path)
  })
}
