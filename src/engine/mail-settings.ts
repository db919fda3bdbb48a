// Where the settings for mail come from: FERMATA_SMTP_URL, else the home.
import { readFile } from 'node:fs/promises'
import { fault } from '../kernel/fault.ts'
import { Secret } from '../kernel/secret.ts'
import { mailSettings, readSmtpUrl, type MailSettings } from '../notify/settings.ts'
import type { Engine } from './engine.ts'

const name = 'mail'

export interface FoundSettings {
  readonly settings: MailSettings
  readonly isFromEnvironment: boolean
  /** @throws Fault `secret.missing` */
  password(): Promise<Secret | null>
}

/** undefined: nobody said anything. @throws Fault `mail.bad_settings`, `mail.bad_address`, `usage.unreadable_file` */
export async function findMailSettings(engine: Pick<Engine, 'store' | 'secrets'>): Promise<FoundSettings | undefined> {
  const { FERMATA_SMTP_URL: url = '', FERMATA_SMTP_CA: caFile = '' } = process.env
  if (url !== '') {
    const { settings, password } = readSmtpUrl(url, caFile === '' ? null : await readCa(caFile))
    return {
      settings,
      isFromEnvironment: true,
      password: async () => (password === null ? null : new Secret(password)),
    }
  }
  const settings = await storedSettings(engine)
  if (!settings) return undefined
  const { passwordSecret } = settings
  return {
    settings,
    isFromEnvironment: false,
    password: async () => (passwordSecret === null ? null : engine.secrets.reveal(passwordSecret)),
  }
}

export async function storedSettings({ store }: Pick<Engine, 'store'>): Promise<MailSettings | undefined> {
  const [row] = await store.read<{ value: string }>('select value from settings where name = ?', [name])
  return row && (JSON.parse(row.value) as MailSettings)
}

/** Changes what is given; null forgets everything. */
export async function storeSettings(
  engine: Engine,
  change: Partial<MailSettings> | null,
): Promise<MailSettings | null> {
  const { store } = engine
  if (change === null) {
    await store.commit([{ sql: 'delete from settings where name = ?', rows: [[name]] }])
    return null
  }
  const settings = mailSettings({ ...(await storedSettings(engine)), ...change })
  if (settings.passwordSecret !== null) await engine.secrets.reveal(settings.passwordSecret)
  const sql = 'insert into settings (name, value) values (?, ?) on conflict (name) do update set value = excluded.value'
  await store.commit([{ sql, rows: [[name, JSON.stringify(settings)]] }])
  return settings
}

export function readCa(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw fault('usage.unreadable_file', { details: { path, reason: (cause as Error).message }, cause })
  })
}
