// Puts a new tree in the place of a directory by two renames, with a journal that says how to finish or to undo them.
import { lstat, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { readJson, syncFolder, writeJson } from './durable-file.ts'
import type { StoreLayout } from './layout.ts'
import { removeTree } from './remove-tree.ts'

export interface SwapPlaces {
  readonly path: string
  /** Beside it, on the same file system: the tree being built, and what was there before. */
  readonly fresh: string
  readonly old: string
}

export function swapPlaces(path: string): SwapPlaces {
  const beside = join(dirname(path), `.${basename(path)}.fermata`)
  return { path, fresh: `${beside}-new`, old: `${beside}-old` }
}

/** `fresh` must be complete and on disk. What was at `path` is gone afterwards. */
export async function swap(ctx: OperationContext, store: StoreLayout, places: SwapPlaces): Promise<void> {
  const inode = await inodeOf(places.fresh)
  await writeJson(store.swapJournal, { ...places, inode: inode ?? '' } satisfies JsonObject)
  ctx.log.debug('The new tree is complete')
  if ((await inodeOf(places.path)) !== undefined) await rename(places.path, places.old)
  ctx.log.debug('The old tree is moved aside')
  await rename(places.fresh, places.path)
  ctx.log.debug('The new tree is in place')
  await finish(store, places)
}

/** Ends a swap that was interrupted: the new tree where it was complete, else the old one. Call it with the store locked. */
export async function recoverSwap(store: StoreLayout, current: SwapPlaces): Promise<void> {
  const journal = await readJson(store.swapJournal).catch(() => undefined)
  // Without a journal the new tree was never complete.
  if (journal === undefined || !isJsonObject(journal)) return void (await removeTree(current.fresh))
  const places = { path: String(journal['path']), fresh: String(journal['fresh']), old: String(journal['old']) }
  const [isAt, freshInode, oldInode] = await Promise.all([places.path, places.fresh, places.old].map(inodeOf))
  const isFreshComplete = freshInode === journal['inode']
  // The old tree is aside already, so this was made by somebody in between; the restore replaces what is at its path.
  if (isFreshComplete && oldInode !== undefined && isAt !== undefined) await removeTree(places.path)
  if (isFreshComplete && (oldInode !== undefined || isAt === undefined)) await rename(places.fresh, places.path)
  else if (isAt === undefined && oldInode !== undefined) await rename(places.old, places.path)
  const isDone = (await inodeOf(places.path)) === journal['inode']
  if (!isDone) await removeTree(places.fresh)
  await finish(store, isDone ? places : { ...places, old: places.fresh })
}

async function finish(store: StoreLayout, places: SwapPlaces): Promise<void> {
  await syncFolder(dirname(places.path))
  await removeTree(places.old)
  await rm(store.swapJournal, { force: true })
}

/** Device and inode, as text; undefined when nothing is there. */
async function inodeOf(path: string): Promise<string | undefined> {
  const found = await lstat(path, { bigint: true }).catch(() => undefined)
  return found && `${found.dev}:${found.ino}`
}
