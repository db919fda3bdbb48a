// What comes before anything that this process is about to run: thawing, and carrying on what a dead process left behind.
import type { Duration } from '../kernel/duration.ts'
import type { Engine } from './engine.ts'
import { runOwned, type RunControl } from './owned-run.ts'
import { thawFirst } from './thaw-first.ts'

/** How often whoever waits looks whether their turn came. */
export const lookEvery: Duration = 200
/** How long nodes that do not answer their thaw hold up what has nothing to do with them. */
const thawPatience: Duration = 60_000

/** Whoever is frozen and has nobody left waits for no other work of ours. Resolves with the executions it tried. */
export async function thawBefore(
  engine: Engine,
  { onEvent }: Pick<RunControl, 'onEvent'>,
  tried = new Set<string>(),
): Promise<Set<string>> {
  await thawFirst(engine, { tried, patience: thawPatience, ...(onEvent ? { onEvent } : {}) })
  return tried
}

/** Takes over executions whose process is gone: their nodes may be frozen. Those that were being cancelled are ended. */
export async function carryOn(engine: Engine, control: RunControl, except?: string): Promise<void> {
  for (const row of await engine.ownership.interrupted()) {
    if (row.id === except) continue
    // Whoever gave up waiting did not mean to cancel what is not theirs.
    if (control.signal?.aborted) return
    if (!(await engine.ownership.takeOver(row, row.status === 'cancelling' ? 'cancelling' : 'started'))) continue
    await runOwned(engine, row, { isResumed: true, control, isCancelled: row.status === 'cancelling' })
  }
}
