// Makes sure that a directory is there, after ending what an interrupted restore may have left.
import { stat } from 'node:fs/promises'
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { readJson } from '../snapshot/durable-file.ts'
import { withStoreLock } from '../snapshot/store-lock.ts'
import { recoverSwap, swapPlaces } from '../snapshot/swap.ts'
import type { DirectorySettings } from './directory-settings.ts'

/** @throws Fault `local.no_such_directory` */
export async function requireDirectory(ctx: OperationContext, { path, store }: DirectorySettings): Promise<void> {
  if ((await readJson(store.swapJournal).catch(() => null)) !== undefined) {
    await withStoreLock(ctx, store, () => recoverSwap(store, swapPlaces(path)))
  }
  const found = await stat(path).catch(() => undefined)
  if (!found?.isDirectory()) throw fault('local.no_such_directory', { details: { path } })
}
