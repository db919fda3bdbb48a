// `blueprints get`: one blueprint with its inputs, workflows and nodes.
import type { CommandDefinition } from '../definition.ts'
import { shortTime } from '../instant-text.ts'
import { printParameters } from '../parameter-table.ts'

export const blueprintsGet: CommandDefinition = {
  words: 'blueprints get',
  summary: 'show a blueprint: inputs, workflows, nodes, deployments',
  arguments: [{ name: 'BLUEPRINT_ID', description: 'the blueprint' }],
  async run(call) {
    const details = await (await call.fermata()).blueprints.get(call.argument(0))
    if (call.isJson) return call.printJson(details)
    if (call.isQuiet) return call.print(details.id)
    call.printFields([
      ['id', details.id],
      ['description', details.description?.trim() ?? null],
      ['main file', details.mainFile],
      ['language', details.dslVersion],
      ['created (UTC)', shortTime(details.createdAt)],
      ['digest', details.digest],
      ['workflows', Object.keys(details.workflows).join(', ')],
      ['deployments', details.deployments.join(', ') || null],
    ])
    call.print('')
    await printParameters(call, details.inputs, { head: 'INPUT', none: 'It takes no inputs.' })
    call.print('')
    await call.printList({
      items: details.nodes,
      head: ['NODE', 'TYPE'],
      row: ({ id, type }) => [id, type],
      none: 'It has no nodes.',
    })
  },
}
