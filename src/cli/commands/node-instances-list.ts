// `node-instances list`.
import { deploymentOption, type CommandDefinition } from '../definition.ts'

export const nodeInstancesList: CommandDefinition = {
  words: 'node-instances list',
  summary: 'list the node instances of a deployment',
  options: [{ ...deploymentOption, isRequired: true }],
  async run(call) {
    const deploymentId = call.text('deploymentId') ?? ''
    await call.printList({
      items: await (await call.fermata()).nodeInstances.list(deploymentId),
      head: ['ID', 'NODE', 'HOST', 'STATE'],
      row: ({ id, nodeId, hostId, state }) => [id, nodeId, hostId, state],
      none: `Deployment '${deploymentId}' has no node instances.`,
    })
  },
}
