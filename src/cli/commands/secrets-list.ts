// `secrets list`: names only, never values.
import type { CommandDefinition } from '../definition.ts'
import { shortTime } from '../instant-text.ts'

export const secretsList: CommandDefinition = {
  words: 'secrets list',
  summary: 'list the secrets, without their values',
  async run(call) {
    await call.printList({
      items: await (await call.fermata()).secrets.list(),
      head: ['NAME', 'CREATED (UTC)', 'UPDATED (UTC)'],
      row: ({ name, createdAt, updatedAt }) => [name, shortTime(createdAt), shortTime(updatedAt)],
      none: 'There are no secrets.',
    })
  },
}
