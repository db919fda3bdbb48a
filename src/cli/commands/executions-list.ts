// `executions list`.
import { deploymentOption, type CommandDefinition } from '../definition.ts'
import { shortTime } from '../instant-text.ts'

export const executionsList: CommandDefinition = {
  words: 'executions list',
  summary: 'list the executions, the oldest first',
  options: [deploymentOption],
  async run(call) {
    const deploymentId = call.text('deploymentId')
    const fermata = await call.fermata()
    await call.printList({
      items: await fermata.executions.list(deploymentId === undefined ? {} : { deploymentId }),
      head: ['ID', 'WORKFLOW', 'DEPLOYMENT', 'STATUS', 'CREATED (UTC)', 'ENDED (UTC)'],
      row: (execution) => [
        execution.id,
        execution.workflow,
        execution.deploymentId,
        execution.status,
        shortTime(execution.createdAt),
        shortTime(execution.endedAt),
      ],
      none: deploymentId === undefined ? 'There are no executions.' : `There are no executions of '${deploymentId}'.`,
    })
  },
}
