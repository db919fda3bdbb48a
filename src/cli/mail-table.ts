// Mails as rows of a table.
import type { MailRecord } from '../engine/mail-api.ts'
import { shortTime } from './instant-text.ts'
import type { Cell } from './table.ts'

export const mailHead = ['EXECUTION', 'TO', 'STATUS', 'TRIES', 'ENDED (UTC)', 'SUBJECT', 'SAID AGAINST IT']

export function mailRow(mail: MailRecord): readonly Cell[] {
  return [mail.executionId, mail.to, mail.status, mail.attempts, shortTime(mail.endedAt), mail.subject, mail.error]
}
