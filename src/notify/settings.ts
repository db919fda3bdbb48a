// Which server takes our mail, and as whom: kept in the home, or given in one line by FERMATA_SMTP_URL.
import { fault } from '../kernel/fault.ts'
import { checkAddress, readAddresses } from './address.ts'

/**
 * `required`: STARTTLS, or nothing is sent. `direct`: TLS from the first byte (port 465). `optional`: STARTTLS where it is
 * offered, whoever shows whatever certificate. `off`: never.
 */
export const tlsModes = ['required', 'direct', 'optional', 'off'] as const
export type TlsMode = (typeof tlsModes)[number]

export interface MailSettings {
  readonly server: string
  readonly port: number
  readonly tls: TlsMode
  readonly from: string
  readonly user: string | null
  /** Name of the secret with the password; never the password itself. */
  readonly passwordSecret: string | null
  /** Certificates, as PEM, that the server's may be signed by, besides the well-known ones. */
  readonly ca: string | null
  /** Who is told of every execution that says nothing else. */
  readonly notifySuccess: readonly string[]
  readonly notifyError: readonly string[]
}

/** With the password where the settings themselves carry it. */
export interface SmtpUrl {
  readonly settings: MailSettings
  readonly password: string | null
}

type Given = { readonly [Name in keyof MailSettings]?: MailSettings[Name] | undefined }

/** Fills in what was not said, and refuses what cannot work. @throws Fault `mail.bad_settings`, `mail.bad_address` */
export function mailSettings(given: Given): MailSettings {
  const { server = '', from = '', user = null, passwordSecret = null, ca = null } = given
  if (!/^[A-Za-z0-9.:_-]+$/.test(server)) throw bad(`'${server}' is no name of a server`)
  if (from === '') throw bad('from whom is missing')
  // A password over a plain line would be anybody's.
  const tls = given.tls ?? (user === null ? 'optional' : 'required')
  if (!tlsModes.includes(tls)) throw bad(`tls is one of ${tlsModes.join(', ')}, not '${tls}'`)
  if (user !== null && tls === 'off') throw bad('a password is not sent over a line that is not encrypted')
  const port = given.port ?? (tls === 'direct' ? 465 : user === null ? 25 : 587)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw bad(`'${port}' is no port`)
  return {
    server,
    port,
    tls,
    from: checkAddress(from),
    user,
    passwordSecret,
    ca,
    notifySuccess: readAddresses(given.notifySuccess ?? []),
    notifyError: readAddresses(given.notifyError ?? []),
  }
}

/**
 * `smtp://user:password@mail.example.com:587?from=fermata@example.com&tls=required`, or `smtps://` for TLS at once.
 *
 * @throws Fault `mail.bad_settings`, `mail.bad_address`
 */
export function readSmtpUrl(text: string, ca: string | null): SmtpUrl {
  const url = URL.parse(text)
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol))
    throw bad('FERMATA_SMTP_URL is no smtp:// or smtps:// address')
  const tls = url.protocol === 'smtps:' ? 'direct' : (url.searchParams.get('tls') as TlsMode | null)
  const user = url.username === '' ? null : decodeURIComponent(url.username)
  const settings = mailSettings({
    server: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : Number(url.port),
    tls: tls ?? undefined,
    from: url.searchParams.get('from') ?? '',
    user,
    ca,
    notifySuccess: url.searchParams.getAll('notify_success'),
    notifyError: url.searchParams.getAll('notify_error'),
  })
  return { settings, password: url.password === '' ? null : decodeURIComponent(url.password) }
}

const bad = (reason: string): Error => fault('mail.bad_settings', { details: { reason } })
