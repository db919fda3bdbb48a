// One at a time may change a snapshot store. The lock of a process that died is taken over.
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { OperationContext } from '../../contract/context.ts'
import { hasCode, identityOf, isAlive, type ProcessIdentity } from '../../guard/process-table.ts'
import type { StoreLayout } from './layout.ts'

const pause = 20

/** Waits for its turn until the operation is aborted. `work` should be short: another bracket may wait for it. */
export async function withStoreLock<Value>(
  ctx: OperationContext,
  store: StoreLayout,
  work: () => Promise<Value>,
): Promise<Value> {
  const mine = `${store.lock}.${ctx.world.newId()}`
  await acquire(ctx, store, mine)
  try {
    await removeAbandoned(store)
    return await work()
  } finally {
    await rm(store.lock, { force: true })
  }
}

async function acquire(ctx: OperationContext, store: StoreLayout, mine: string): Promise<void> {
  for (;;) {
    ctx.signal.throwIfAborted()
    // Each time anew: whoever holds the lock may take the empty store away.
    await mkdir(dirname(store.lock), { recursive: true, mode: 0o700 })
    if (await tryAcquire(store, mine)) return
    if (!(await takeAwayStale(store, mine))) await ctx.world.clock.sleep(pause, ctx.signal)
  }
}

async function tryAcquire(store: StoreLayout, mine: string): Promise<boolean> {
  try {
    await writeFile(mine, JSON.stringify(identityOf(process.pid)), { mode: 0o600 })
    // A link appears with its content, so nobody ever sees a lock without its holder.
    await link(mine, store.lock)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'EEXIST', 'ENOENT')) return false
    throw thrown
  } finally {
    await rm(mine, { force: true })
  }
}

/** True when the way may be free now. */
async function takeAwayStale(store: StoreLayout, mine: string): Promise<boolean> {
  const held = await readFile(store.lock, 'utf8').catch(() => undefined)
  if (held === undefined) return true
  if (isHeld(held)) return false
  await rename(store.lock, mine).catch(() => undefined)
  // Somebody else may have been faster, and this is their new lock: they get it back.
  const taken = await readFile(mine, 'utf8').catch(() => undefined)
  if (taken !== undefined && taken !== held) await link(mine, store.lock).catch(() => undefined)
  await rm(mine, { force: true })
  return true
}

// What a process left that died on its way to the lock. One that lives and loses its file here begins anew.
async function removeAbandoned(store: StoreLayout): Promise<void> {
  const folder = dirname(store.lock)
  const prefix = `${basename(store.lock)}.`
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue
    const content = await readFile(join(folder, name), 'utf8').catch(() => '')
    if (!isHeld(content)) await rm(join(folder, name), { force: true })
  }
}

function isHeld(content: string): boolean {
  try {
    return isAlive(JSON.parse(content) as ProcessIdentity)
  } catch {
    return false
  }
}
