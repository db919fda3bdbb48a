// `secrets delete`.
import type { CommandDefinition } from '../definition.ts'

export const secretsDelete: CommandDefinition = {
  words: 'secrets delete',
  summary: 'forget a secret',
  arguments: [{ name: 'NAME', description: 'the secret' }],
  async run(call) {
    const name = call.argument(0)
    await (await call.fermata()).secrets.delete(name)
    if (call.isJson) call.printJson({ deleted: name })
    call.say(`Deleted secret '${name}'`)
  },
}
