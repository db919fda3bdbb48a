// `fleet list`: the runs on many hosts so far.
import type { CommandDefinition } from '../definition.ts'
import { shortTime } from '../instant-text.ts'

export const fleetList: CommandDefinition = {
  words: 'fleet list',
  summary: 'list the runs on many hosts',
  async run(call) {
    const items = await (await call.fermata()).fleet.list()
    await call.printList({
      items,
      head: ['ID', 'DEPLOYMENT', 'STATUS', 'CREATED (UTC)', 'COMMAND'],
      row: ({ id, deploymentId, status, createdAt, parameters }) => [
        id,
        deploymentId,
        status,
        shortTime(createdAt),
        Array.isArray(parameters['commands']) ? parameters['commands'].flat().join(' ').slice(0, 60) : null,
      ],
      none: 'there are no runs on hosts yet',
    })
  },
}
