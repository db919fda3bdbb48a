// What the outside may ask about mails: who is told of what, which server takes them, and what became of each.
import type { Instant } from '../kernel/duration.ts'
import type { MailSettings } from '../notify/settings.ts'

/** Addresses. What is left out is as the home's settings say; an empty list tells nobody. */
export interface Notify {
  readonly success?: readonly string[]
  readonly error?: readonly string[]
}

/** `unknown`: fermata died, or the line broke, while the server may have taken it. It is not sent again. */
export const mailStatuses = ['queued', 'claimed', 'sending', 'sent', 'failed', 'unknown'] as const
export type MailStatus = (typeof mailStatuses)[number]

export interface MailRecord {
  readonly executionId: string
  /** Of the execution. */
  readonly endedAt: Instant
  readonly to: string
  readonly status: MailStatus
  readonly subject: string
  readonly messageId: string
  readonly attempts: number
  readonly nextAt: Instant | null
  readonly settledAt: Instant | null
  readonly error: string | null
}

export interface Mails {
  list(executionId?: string): Promise<readonly MailRecord[]>
  /** Sends what is owed and due now. Resolves with what became of each. */
  send(): Promise<readonly MailRecord[]>
  /** null: nobody said. `isFromEnvironment`: by FERMATA_SMTP_URL, which wins. */
  settings(): Promise<{ readonly settings: MailSettings; readonly isFromEnvironment: boolean } | null>
  /** Changes what is given; null forgets everything. @throws Fault `mail.bad_settings`, `mail.bad_address` */
  configure(change: Partial<MailSettings> | null): Promise<MailSettings | null>
}
