// Runs an execution that is ours, and stops it when somebody asks for that: the caller, or another process.
import type { Duration } from '../kernel/duration.ts'
import type { ExecutionRow } from '../store/tables.ts'
import type { StartOptions } from './api.ts'
import type { Assumptions } from './assume.ts'
import type { Engine } from './engine.ts'
import { runExecution } from './execution.ts'

/** How often a running execution looks whether another process asked it to stop: a thaw is due within a second of that. */
const lookForCancelEvery: Duration = 100

export type RunControl = Pick<StartOptions, 'onEvent' | 'signal'>

export interface OwnedRun {
  readonly isResumed: boolean
  readonly control: RunControl
  readonly isCancelled?: boolean
  readonly assumptions?: Assumptions
}

export async function runOwned(engine: Engine, row: ExecutionRow, run: OwnedRun): Promise<void> {
  engine.store.writeInBackground()
  const asked = new AbortController()
  const over = new AbortController()
  if (run.isCancelled || run.control.signal?.aborted) asked.abort()
  const forward = (): void => asked.abort()
  run.control.signal?.addEventListener('abort', forward, { once: true })
  const watching = watchForCancel(engine, row.id, asked, over.signal)
  try {
    await runExecution(engine, row, {
      isResumed: run.isResumed,
      signal: asked.signal,
      onEvent: run.control.onEvent,
      assumptions: run.assumptions ?? {},
    })
  } finally {
    over.abort()
    run.control.signal?.removeEventListener('abort', forward)
    await watching
    engine.ownership.release(row.id)
  }
  await sendMails(engine, row.id, run.control.signal)
}

/** Looks first whether there are any: most executions tell nobody. */
async function sendMails(engine: Engine, id: string, signal: AbortSignal | undefined): Promise<void> {
  const owed = await engine.store
    .read<{ address: string }>("select address from outbox where status in ('queued', 'claimed', 'sending') limit 1")
    .catch(() => [])
  if (owed.length === 0) return
  const { deliverMail } = await import('./deliver-mail.ts')
  await deliverMail(engine, { waitFor: id, signal }).catch(() => {})
}

async function watchForCancel(engine: Engine, id: string, asked: AbortController, over: AbortSignal): Promise<void> {
  while (!over.aborted && !asked.signal.aborted) {
    await engine.world.clock.sleep(lookForCancelEvery, over).catch(() => {})
    // A store that cannot be read just now says nothing about a cancel; the run itself will meet it.
    const status = over.aborted ? undefined : await statusOf(engine, id).catch(() => undefined)
    if (status === 'cancelling') asked.abort()
  }
}

async function statusOf(engine: Engine, id: string): Promise<string | undefined> {
  const [row] = await engine.store.read<{ status: string }>('select status from executions where id = ?', [id])
  return row?.status
}
