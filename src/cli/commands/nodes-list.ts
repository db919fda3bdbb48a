// `nodes list`.
import { deploymentOption, type CommandDefinition } from '../definition.ts'

export const nodesList: CommandDefinition = {
  words: 'nodes list',
  summary: 'list the nodes of a deployment',
  options: [{ ...deploymentOption, isRequired: true }],
  async run(call) {
    const deploymentId = call.text('deploymentId') ?? ''
    await call.printList({
      items: await (await call.fermata()).nodes.list(deploymentId),
      head: ['ID', 'TYPE', 'HOST', 'INSTANCES', 'OPERATIONS'],
      row: ({ id, type, hostId, instances, operations }) => [id, type, hostId, instances, operations.length],
      none: `Deployment '${deploymentId}' has no nodes.`,
    })
  },
}
