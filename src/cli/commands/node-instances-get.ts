// `node-instances get`: one node instance with its relationships and runtime properties.
import type { CommandDefinition } from '../definition.ts'
import { printable } from '../printable.ts'

export const nodeInstancesGet: CommandDefinition = {
  words: 'node-instances get',
  summary: 'show a node instance: state, relationships, runtime properties',
  arguments: [{ name: 'NODE_INSTANCE_ID', description: 'the node instance' }],
  async run(call) {
    const record = await (await call.fermata()).nodeInstances.get(call.argument(0))
    if (call.isJson) return call.printJson(record)
    if (call.isQuiet) return call.print(record.state)
    call.printFields([
      ['id', record.id],
      ['node', record.nodeId],
      ['deployment', record.deploymentId],
      ['host', record.hostId],
      ['state', record.state],
      ...record.relationships.map(({ type, targetId }) => ['relationship', `${type} -> ${targetId}`] as const),
    ])
    const properties = printable(JSON.stringify(record.runtimeProperties, null, 2))
    call.print(`${call.paint('bold', 'runtime properties:')} ${properties}`)
  },
}
