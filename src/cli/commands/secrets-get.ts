// `secrets get`: shows a value to the one who asks for it.
import type { CommandDefinition } from '../definition.ts'
import { shortTime } from '../instant-text.ts'
import { printable } from '../printable.ts'

export const secretsGet: CommandDefinition = {
  words: 'secrets get',
  summary: 'show a secret with its value; --quiet prints the value alone',
  arguments: [{ name: 'NAME', description: 'the secret' }],
  async run(call) {
    const secret = await (await call.fermata()).secrets.get(call.argument(0))
    if (call.isJson) return call.printJson(secret)
    // Into a pipe the value goes exactly as it is.
    if (call.isQuiet) return call.print(call.host.stdout.isTerminal ? printable(secret.value) : secret.value)
    call.printFields([
      ['name', secret.name],
      ['value', secret.value],
      ['created (UTC)', shortTime(secret.createdAt)],
      ['updated (UTC)', shortTime(secret.updatedAt)],
    ])
  },
}
