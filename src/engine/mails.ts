// Mails, for whoever looks after them: what became of each, which server takes them.
import type { OutboxRow } from '../store/tables.ts'
import { Outbox } from '../notify/outbox.ts'
import { deliverMail } from './deliver-mail.ts'
import type { Engine } from './engine.ts'
import type { MailRecord, Mails, MailStatus } from './mail-api.ts'
import { findMailSettings, storeSettings } from './mail-settings.ts'

export function mailsOf(engine: Engine): Mails {
  const outbox = new Outbox(engine.store)
  return {
    list: async (executionId) => (await outbox.list(executionId)).map(mailRecord),
    async send() {
      const before = await outbox.owed()
      await deliverMail(engine)
      const all = await outbox.list()
      const isOne = (row: OutboxRow): boolean =>
        before.some(
          (one) =>
            one.execution_id === row.execution_id && one.ended_at === row.ended_at && one.address === row.address,
        )
      return all.filter(isOne).map(mailRecord)
    },
    async settings() {
      const found = await findMailSettings(engine)
      return found ? { settings: found.settings, isFromEnvironment: found.isFromEnvironment } : null
    },
    configure: (change) => storeSettings(engine, change),
  }
}

function mailRecord(row: OutboxRow): MailRecord {
  return {
    executionId: row.execution_id,
    endedAt: row.ended_at,
    to: row.address,
    status: row.status as MailStatus,
    subject: row.subject,
    messageId: row.message_id,
    attempts: row.attempts,
    nextAt: row.next_at,
    settledAt: row.settled_at,
    error: row.error,
  }
}
