// `blueprints list`.
import type { CommandDefinition } from '../definition.ts'
import { shortTime } from '../instant-text.ts'

export const blueprintsList: CommandDefinition = {
  words: 'blueprints list',
  summary: 'list the blueprints',
  async run(call) {
    const fermata = await call.fermata()
    await call.printList({
      items: await fermata.blueprints.list(),
      head: ['ID', 'MAIN FILE', 'CREATED (UTC)', 'DIGEST', 'DESCRIPTION'],
      row: ({ id, mainFile, createdAt, digest, description }) => {
        const line = description?.trim().split('\n')[0] ?? null
        return [id, mainFile, shortTime(createdAt), digest.slice(0, 12), line]
      },
      none: 'There are no blueprints.',
    })
  },
}
