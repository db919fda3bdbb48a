// `mail settings`: shows or changes which server takes mail, as whom, and who is told of everything.
import { readCa } from '../../engine/mail-settings.ts'
import { fault } from '../../kernel/fault.ts'
import { readAddresses } from '../../notify/address.ts'
import { tlsModes, type MailSettings, type TlsMode } from '../../notify/settings.ts'
import type { Call } from '../call.ts'
import type { CommandDefinition } from '../definition.ts'

export const mailSettings: CommandDefinition = {
  words: 'mail settings',
  summary: 'show or change which server takes mail, and who is told',
  options: [
    { flags: '--server <host>', description: 'the server that takes mail' },
    { flags: '--port <number>', description: 'default: 587 with a user, 465 with --tls direct, else 25' },
    { flags: '--tls <mode>', description: `${tlsModes.join(', ')} (default: required with a user, else optional)` },
    { flags: '--ca <file>', description: 'certificate (PEM) that the one of the server is signed by' },
    { flags: '--from <address>', description: 'whose mail it is' },
    { flags: '--user <name>', description: 'who logs in there' },
    { flags: '--password-secret <name>', description: 'secret of fermata with the password' },
    { flags: '--notify-success <address>', description: 'who is told when an execution went well', isRepeatable: true },
    {
      flags: '--notify-error <address>',
      description: 'who is told when one failed or was cancelled',
      isRepeatable: true,
    },
    { flags: '--forget', description: 'forget all of it' },
  ],
  notes: [
    'Without options it shows what there is. FERMATA_SMTP_URL wins over it: smtp://user:password@host:587?from=ADDRESS, or ' +
      'smtps://; FERMATA_SMTP_CA names a file with the certificate.',
  ],
  examples: [
    'fermata mail settings --server mail.example.com --from fermata@example.com --user fermata --password-secret smtp',
  ],
  async run(call) {
    const { mails } = await call.fermata()
    const change = await readChange(call)
    if (change === null || Object.keys(change).length > 0) await mails.configure(change)
    const found = await mails.settings()
    if (call.isJson) return call.printJson(found)
    if (!found) return call.say('Nobody said which server takes mail.')
    const { settings, isFromEnvironment } = found
    call.printFields([
      ['server', settings.server],
      ['port', settings.port],
      ['tls', settings.tls],
      ['own certificate', settings.ca === null ? null : 'yes'],
      ['from', settings.from],
      ['user', settings.user],
      [
        'password',
        isFromEnvironment ? 'of FERMATA_SMTP_URL' : settings.passwordSecret && `secret '${settings.passwordSecret}'`,
      ],
      ['told of success', settings.notifySuccess.join(', ') || null],
      ['told of errors', settings.notifyError.join(', ') || null],
    ])
  },
}

/** null: forget. */
async function readChange(call: Call): Promise<Partial<MailSettings> | null> {
  if (call.flag('forget')) return null
  const change: { -readonly [Name in keyof MailSettings]?: MailSettings[Name] } = {}
  const [server, from, user, secret, tls, ca] = ['server', 'from', 'user', 'passwordSecret', 'tls', 'ca'].map((name) =>
    call.text(name),
  )
  const port = call.wholeNumber('port', '--port', 1)
  if (server !== undefined) change.server = server
  if (port !== undefined) change.port = port
  if (from !== undefined) change.from = from
  if (user !== undefined) change.user = user
  if (secret !== undefined) change.passwordSecret = secret
  if (tls !== undefined) change.tls = tlsMode(tls)
  if (ca !== undefined) change.ca = await readCa(ca)
  for (const name of ['notifySuccess', 'notifyError'] as const) {
    const given = call.list(name)
    if (given.length > 0) change[name] = readAddresses(given)
  }
  return change
}

function tlsMode(text: string): TlsMode {
  const mode = tlsModes.find((known) => known === text)
  if (mode) return mode
  throw fault('usage.bad_argument', { details: { message: `--tls wants ${tlsModes.join(', ')}, not '${text}'` } })
}
