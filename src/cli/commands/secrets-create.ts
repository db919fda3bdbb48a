// `secrets create`: keeps a value encrypted, for blueprints to ask for with get_secret.
import { readFile } from 'node:fs/promises'
import { fault } from '../../kernel/fault.ts'
import type { Call } from '../call.ts'
import type { CommandDefinition } from '../definition.ts'

export const secretsCreate: CommandDefinition = {
  words: 'secrets create',
  summary: 'keep a secret value; read from standard input unless -s or -f is given',
  arguments: [{ name: 'NAME', description: 'the secret' }],
  options: [
    {
      flags: '-s, --secret-string <value>',
      description: 'the value; others on this machine can see it while this runs',
    },
    { flags: '-f, --secret-file <path>', description: 'file that holds the value' },
    { flags: '-u, --update-if-exists', description: 'replace the value when the secret is there' },
  ],
  examples: ['printf %s "$TOKEN" | fermata secrets create token', 'fermata secrets create key -f id_ed25519'],
  async run(call) {
    const value = await readValue(call)
    if (value === '')
      throw fault('usage.bad_argument', { details: { message: 'the value of a secret cannot be empty' } })
    const replace = call.flag('updateIfExists')
    const record = await (await call.fermata()).secrets.create(call.argument(0), value, { replace })
    if (call.isJson) call.printJson(record)
    call.say(`Kept secret '${record.name}'`)
  },
}

/** Text from a pipe loses the one line end that `echo` adds; text from a file is taken as it is. */
async function readValue(call: Call): Promise<string> {
  const [text, path] = [call.text('secretString'), call.text('secretFile')]
  if (text !== undefined && path !== undefined) {
    throw fault('usage.bad_argument', { details: { message: 'give either -s or -f' } })
  }
  if (text !== undefined) return text
  if (path !== undefined) return readSecretFile(path)
  if (call.host.stdin.isTerminal) return call.host.stdin.readHidden(`Value of '${call.argument(0)}' (not shown): `)
  return (await call.host.stdin.read()).replace(/\r?\n$/, '')
}

async function readSecretFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT') throw fault('usage.no_such_file', { details: { path } })
    throw fault('usage.unreadable_file', { details: { path, reason: code }, cause: error })
  })
}
