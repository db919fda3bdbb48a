// `deployments delete`.
import type { CommandDefinition } from '../definition.ts'

export const deploymentsDelete: CommandDefinition = {
  words: 'deployments delete',
  summary: 'forget a deployment; what it installed stays as it is',
  arguments: [{ name: 'DEPLOYMENT_ID', description: 'the deployment' }],
  async run(call) {
    const id = call.argument(0)
    await (await call.fermata()).deployments.delete(id)
    if (call.isJson) call.printJson({ deleted: id })
    call.say(`Deleted deployment '${id}'`)
  },
}
