// `deployments get`: one deployment with its inputs and the workflows it can run.
import type { CommandDefinition } from '../definition.ts'
import { shortTime } from '../instant-text.ts'
import { tableText } from '../table.ts'

export const deploymentsGet: CommandDefinition = {
  words: 'deployments get',
  summary: 'show a deployment: inputs and workflows',
  arguments: [{ name: 'DEPLOYMENT_ID', description: 'the deployment' }],
  async run(call) {
    const details = await (await call.fermata()).deployments.get(call.argument(0))
    if (call.isJson) return call.printJson(details)
    if (call.isQuiet) return call.print(details.id)
    call.printFields([
      ['id', details.id],
      ['blueprint', details.blueprintId],
      ['created (UTC)', shortTime(details.createdAt)],
      ['node instances', details.instances],
      ...Object.entries(details.inputs).map(([name, value]) => [`input ${name}`, JSON.stringify(value)] as const),
    ])
    const rows = details.workflows.map(({ name, parameters, description }) => {
      return [name, Object.keys(parameters).join(' '), description?.trim() ?? null]
    })
    call.print('')
    call.print(await tableText({ head: ['WORKFLOW', 'PARAMETERS', 'DESCRIPTION'], rows, paint: call.paint }))
  },
}
