// Hands one mail to the server, and tells what became of it. Nothing of its body leaves before `beforeBody` resolved.
import { Readable } from 'node:stream'
import type { Secret } from '../kernel/secret.ts'
import type { MailSettings } from './settings.ts'

export interface Mail {
  readonly to: string
  /** The same for every attempt. */
  readonly messageId: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly date: Date
}

/** `deferred`: the server has not taken it, and may later. `unknown`: it may have. */
export type Delivery =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'deferred' | 'refused' | 'unknown'; readonly reason: string }

export interface Way {
  readonly settings: MailSettings
  readonly password: Secret | null
  /** Resolves when it is on record that the server may have the mail from now on. */
  beforeBody(): Promise<void>
}

const patience = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 }

export async function sendMail(mail: Mail, way: Way): Promise<Delivery> {
  const { createTransport } = await import('nodemailer')
  const { settings, password } = way
  const composed = await createTransport({ streamTransport: true, buffer: true, newline: 'windows' }).sendMail({
    from: settings.from,
    to: mail.to,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId: mail.messageId,
    date: mail.date,
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const progress = { isWhole: false }
  const transport = createTransport({
    host: settings.server,
    port: settings.port,
    secure: settings.tls === 'direct',
    requireTLS: settings.tls === 'required',
    ignoreTLS: settings.tls === 'off',
    tls: {
      ...(settings.ca === null ? {} : { ca: settings.ca }),
      // Whoever may read along anyway needs no name.
      rejectUnauthorized: settings.tls !== 'optional' || settings.ca !== null,
    },
    ...(settings.user === null ? {} : { auth: { user: settings.user, pass: password?.reveal() ?? '' } }),
    ...patience,
  })
  const raw = Readable.from(body(composed.message as Buffer, way, progress), { objectMode: false })
  try {
    await transport.sendMail({ envelope: { from: settings.from, to: [mail.to] }, raw })
    return { outcome: 'sent' }
  } catch (thrown) {
    return judge(thrown, progress.isWhole, password)
  } finally {
    transport.close()
  }
}

async function* body(message: Buffer, way: Way, progress: { isWhole: boolean }): AsyncGenerator<Buffer> {
  await way.beforeBody()
  yield message
  progress.isWhole = true
}

function judge(thrown: unknown, isWhole: boolean, password: Secret | null): Delivery {
  const { responseCode, code, command } = thrown as { responseCode?: number; code?: string; command?: string }
  const words = thrown instanceof Error ? thrown.message : String(thrown)
  const secret = password?.reveal() ?? ''
  const reason = (secret === '' ? words : words.replaceAll(secret, '********')).replace(/\s+/g, ' ').slice(0, 400)
  // Whether we may log in at all says nothing about this mail: that is for a person to mend.
  const isAboutUs = code === 'EAUTH' || code === 'ETLS'
  if (responseCode !== undefined && responseCode >= 500 && !isAboutUs) return { outcome: 'refused', reason }
  if (responseCode !== undefined || isAboutUs) return { outcome: 'deferred', reason }
  // Everything was handed over, and no answer came.
  return { outcome: isWhole && command !== 'CONN' ? 'unknown' : 'deferred', reason }
}
