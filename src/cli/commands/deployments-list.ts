// `deployments list`.
import type { CommandDefinition } from '../definition.ts'
import { shortTime } from '../instant-text.ts'

export const deploymentsList: CommandDefinition = {
  words: 'deployments list',
  summary: 'list the deployments',
  options: [{ flags: '-b, --blueprint-id <id>', description: 'only those of this blueprint' }],
  async run(call) {
    const blueprintId = call.text('blueprintId')
    const all = await (await call.fermata()).deployments.list()
    await call.printList({
      items: all.filter((deployment) => blueprintId === undefined || deployment.blueprintId === blueprintId),
      head: ['ID', 'BLUEPRINT', 'NODE INSTANCES', 'CREATED (UTC)'],
      row: ({ id, blueprintId: blueprint, instances, createdAt }) => [id, blueprint, instances, shortTime(createdAt)],
      none: blueprintId === undefined ? 'There are no deployments.' : `There are no deployments of '${blueprintId}'.`,
    })
  },
}
