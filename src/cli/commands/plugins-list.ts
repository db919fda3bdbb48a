// `plugins list`.
import type { CommandDefinition } from '../definition.ts'

export const pluginsList: CommandDefinition = {
  words: 'plugins list',
  summary: 'list the plugins that are there',
  async run(call) {
    await call.printList({
      items: await (await call.fermata()).plugins.list(),
      head: ['NAME', 'VERSION', 'SOURCE', 'OPERATIONS', 'NODE TYPES', 'WORKFLOWS', 'DESCRIPTION'],
      row: ({ name, version, source, operations, nodeTypes, workflows, description }) => {
        const counts = [operations.length, nodeTypes.length, workflows.length]
        return [name, version, source, ...counts, description?.trim() ?? null]
      },
      none: 'There are no plugins.',
    })
  },
}
