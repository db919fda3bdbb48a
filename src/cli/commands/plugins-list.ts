// `plugins list`.
import type { CommandDefinition } from '../definition.ts'

export const pluginsList: CommandDefinition = {
  words: 'plugins list',
  summary: 'list the plugins that are there',
  async run(call) {
    await call.printList({
      items: await (await call.fermata()).plugins.list(),
      head: ['NAME', 'OPERATIONS', 'NODE TYPES', 'WORKFLOWS', 'DESCRIPTION'],
      row: ({ name, operations, nodeTypes, workflows, description }) => {
        return [name, operations.length, nodeTypes.length, workflows.length, description?.trim() ?? null]
      },
      none: 'There are no plugins.',
    })
  },
}
