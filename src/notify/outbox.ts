// The outbox: which mails are owed, and how far each of them has come. Written with plain SQL, so that looking whether
// anything is owed costs nothing.
import type { Duration, Instant } from '../kernel/duration.ts'
import { StoreConflict, type Store, type Write } from '../store/store.ts'
import type { OutboxRow } from '../store/tables.ts'
import type { ReportMail } from './report-mail.ts'

type Key = Pick<OutboxRow, 'execution_id' | 'ended_at' | 'address'>

export interface OwedMail extends ReportMail {
  readonly executionId: string
  readonly endedAt: Instant
  readonly addresses: readonly string[]
  /** What stands behind the @ of message ids. */
  readonly domain: string
}

/** For the commit that records the end itself: either both are there, or none. */
export function owe(mail: OwedMail): Write {
  return {
    sql:
      'insert or ignore into outbox (execution_id, ended_at, address, status, message_id, subject, body, html, attempts) ' +
      "values (?, ?, ?, 'queued', ?, ?, ?, ?, 0)",
    rows: mail.addresses.map((address, index) => [
      mail.executionId,
      mail.endedAt,
      address,
      // Fixed before anything is sent: a server that gets it twice all the same can tell.
      `<fermata.${mail.executionId}.${mail.endedAt}.${index + 1}@${mail.domain}>`,
      mail.subject,
      mail.text,
      mail.html,
    ]),
  }
}

export class Outbox {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  list(executionId?: string): Promise<readonly OutboxRow[]> {
    return executionId === undefined
      ? this.#store.read<OutboxRow>('select * from outbox order by ended_at, execution_id, address')
      : this.#store.read<OutboxRow>('select * from outbox where execution_id = ? order by ended_at, address', [
          executionId,
        ])
  }

  /** What is not settled yet, in whatever hands. */
  owed(): Promise<readonly OutboxRow[]> {
    return this.#store.read<OutboxRow>(
      "select * from outbox where status in ('queued', 'claimed', 'sending') order by ended_at, address",
    )
  }

  /** Makes a mail ours to send. False: somebody was faster. */
  claim(row: OutboxRow, engineId: string): Promise<boolean> {
    const set = "status = 'claimed', engine_id = ?, attempts = attempts + 1"
    return this.#change(set, [engineId], row)
  }

  /** From now on the server may have it. */
  sending(row: OutboxRow): Promise<boolean> {
    return this.#change("status = 'sending'", [], row)
  }

  /** Its last word. */
  settle(row: OutboxRow, status: 'sent' | 'failed' | 'unknown', at: Instant, reason: string | null): Promise<boolean> {
    return this.#change('status = ?, settled_at = ?, error = ?, engine_id = null', [status, at, reason], row)
  }

  /** Back into the queue: the server is known not to have it. */
  defer(row: OutboxRow, at: Instant, reason: string): Promise<boolean> {
    return this.#change("status = 'queued', next_at = ?, error = ?, engine_id = null", [at, reason], row)
  }

  async #change(set: string, values: readonly (string | number | null)[], row: OutboxRow): Promise<boolean> {
    const { execution_id: execution, ended_at: ended, address }: Key = row
    // Whose it is decides: between claimed and sending it is the same one's.
    const held = row.status === 'queued' ? "status = 'queued'" : "status in ('claimed', 'sending')"
    const sql = `update outbox set ${set} where execution_id = ? and ended_at = ? and address = ? and ${held} and engine_id is ?`
    try {
      const change = [...values, execution, ended, address, row.engine_id]
      await this.#store.commit([{ sql, rows: [change], expect: 1 }])
      return true
    } catch (problem) {
      if (problem instanceof StoreConflict) return false
      throw problem
    }
  }
}

/** How long after the nth attempt the next one comes. */
export function pauseAfter(attempts: number): Duration {
  const [first, second, third] = [1000, 3000, 9000]
  return [first, first, second, third][attempts] ?? Math.min(60_000 * 2 ** (attempts - 4), 3_600_000)
}

/** A server that says `later` so often means `never`. */
export const mostAttempts = 12
