// `deployments outputs`: outputs and capabilities with their functions evaluated.
import type { CommandDefinition } from '../definition.ts'

export const deploymentsOutputs: CommandDefinition = {
  words: 'deployments outputs',
  summary: 'show the outputs and capabilities of a deployment',
  arguments: [{ name: 'DEPLOYMENT_ID', description: 'the deployment' }],
  async run(call) {
    const found = await (await call.fermata()).deployments.outputs(call.argument(0))
    if (call.isJson) return call.printJson(found)
    const items = [
      ...Object.entries(found.outputs).map(([name, value]) => ({ name, kind: 'output', value })),
      ...Object.entries(found.capabilities).map(([name, value]) => ({ name, kind: 'capability', value })),
    ]
    await call.printList({
      items,
      head: ['NAME', 'KIND', 'VALUE'],
      row: ({ name, kind, value }) => [name, kind, typeof value === 'string' ? value : JSON.stringify(value)],
      none: `Deployment '${call.argument(0)}' has no outputs.`,
    })
  },
}
