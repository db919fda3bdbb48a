// Sends the mails that are owed. A mail is handed to a server at most once: what nobody can know any more is not repeated.
import { asFault } from '../kernel/fault.ts'
import { mostAttempts, Outbox, pauseAfter } from '../notify/outbox.ts'
import { sendMail, type Delivery } from '../notify/send-mail.ts'
import type { OutboxRow } from '../store/tables.ts'
import type { Engine } from './engine.ts'
import { findMailSettings, type FoundSettings } from './mail-settings.ts'

export interface DeliverOptions {
  /** Of this execution deferred mails are waited for as long as their next attempt comes soon. */
  readonly waitFor?: string
  readonly signal?: AbortSignal | undefined
}

/** What comes later than that is left to whoever looks next. */
const longestWait = 5000

/** Never throws for a mail or its server: an execution that went well must not fail by them. */
export async function deliverMail(engine: Engine, options: DeliverOptions = {}): Promise<void> {
  const outbox = new Outbox(engine.store)
  for (;;) {
    const owed = await outbox.owed()
    if (owed.length === 0) return
    await engine.ownership.register()
    for (const row of owed) await deliverOne(engine, outbox, row)
    const wait = await waitFor(engine, outbox, options)
    if (wait === undefined) return
    const isOver = await engine.world.clock.sleep(wait, options.signal).then(
      () => false,
      () => true,
    )
    if (isOver) return
  }
}

/** How long until the next attempt for somebody of the execution; undefined: nobody is left, or it comes too late. */
async function waitFor(engine: Engine, outbox: Outbox, { waitFor: id }: DeliverOptions): Promise<number | undefined> {
  if (id === undefined) return undefined
  const rows = (await outbox.list(id)).filter(({ status }) => status === 'queued')
  const times = rows.map(({ next_at: next }) => Math.max(0, (next ?? 0) - engine.world.clock.now()))
  const soon = Math.min(...times)
  return soon <= longestWait ? soon : undefined
}

async function deliverOne(engine: Engine, outbox: Outbox, row: OutboxRow): Promise<void> {
  const { clock } = engine.world
  if (row.status !== 'queued') {
    if (row.engine_id === engine.ownership.engineId || (await isSomebodys(engine, row))) return
    if (row.status === 'sending') {
      const reason = 'fermata ended while the server may have taken it'
      if (await outbox.settle(row, 'unknown', clock.now(), reason))
        await tell(engine, row, 'WARNING', `may not have come: ${reason}`)
      return
    }
  } else if ((row.next_at ?? 0) > clock.now()) return
  const found = await findMailSettings(engine).catch(() => undefined)
  if (!found) return
  const engineId = engine.ownership.engineId
  if (!(await outbox.claim(row, engineId))) return
  const mine = { ...row, status: 'claimed', engine_id: engineId, attempts: row.attempts + 1 }
  let marked: Promise<boolean> | undefined
  const delivery = await attempt(mine, found, async () => {
    marked = outbox.sending(mine)
    if (!(await marked)) throw new Error('somebody else took it')
  })
  // A refusal may come while that is still being written.
  await marked
  await record(engine, outbox, mine, delivery)
}

async function attempt(row: OutboxRow, found: FoundSettings, beforeBody: () => Promise<void>): Promise<Delivery> {
  const mail = {
    to: row.address,
    messageId: row.message_id,
    subject: row.subject,
    text: row.body,
    html: row.html,
    date: new Date(row.ended_at),
  }
  try {
    return await sendMail(mail, { settings: found.settings, password: await found.password(), beforeBody })
  } catch (thrown) {
    return { outcome: 'deferred', reason: asFault(thrown).message }
  }
}

async function record(engine: Engine, outbox: Outbox, row: OutboxRow, delivery: Delivery): Promise<void> {
  const now = engine.world.clock.now()
  if (delivery.outcome === 'sent') {
    await outbox.settle(row, 'sent', now, null)
    await tell(engine, row, 'INFO', 'was sent')
  } else if (delivery.outcome === 'unknown') {
    await outbox.settle(row, 'unknown', now, delivery.reason)
    await tell(engine, row, 'WARNING', `may not have come: ${delivery.reason}`)
  } else if (delivery.outcome === 'refused' || row.attempts >= mostAttempts) {
    await outbox.settle(row, 'failed', now, delivery.reason)
    await tell(engine, row, 'ERROR', `was refused: ${delivery.reason}`)
  } else {
    await outbox.defer(row, now + pauseAfter(row.attempts), delivery.reason)
    if (row.attempts === 1) await tell(engine, row, 'WARNING', `is put off: ${delivery.reason}`)
  }
}

/** Another process that lives is at it. */
async function isSomebodys(engine: Engine, row: OutboxRow): Promise<boolean> {
  return engine.ownership.isOwnedByLiving({ id: row.execution_id, engine_id: row.engine_id })
}

/** A line behind the events of the execution, unless somebody has taken it up again: its events are theirs then. */
async function tell(engine: Engine, row: OutboxRow, level: string, words: string): Promise<void> {
  const sql =
    'insert into events (execution_id, sequence, time, kind, level, message) ' +
    "select e.id, (select coalesce(max(sequence), 0) + 1 from events where execution_id = e.id), ?, 'mail', ?, ? " +
    'from executions e where e.id = ? and e.ended_at is not null'
  const message = `The mail to ${row.address} ${words}`
  await engine.store
    .commit([{ sql, rows: [[engine.world.clock.now(), level, message, row.execution_id]] }])
    .catch(() => {})
}
