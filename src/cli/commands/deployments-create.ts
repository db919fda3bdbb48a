// `deployments create`: a blueprint with inputs becomes a deployment.
import type { CommandDefinition } from '../definition.ts'
import { keyValuesNote, readKeyValues } from '../key-values.ts'

export const deploymentsCreate: CommandDefinition = {
  words: 'deployments create',
  summary: 'make a deployment of a blueprint',
  arguments: [{ name: 'DEPLOYMENT_ID', description: "its id (default: the blueprint's)", isOptional: true }],
  options: [
    { flags: '-b, --blueprint-id <id>', description: 'the blueprint', isRequired: true },
    {
      flags: '-i, --inputs <values>',
      description: 'key=value, a JSON or YAML mapping, or a file with one; may be repeated, later ones win',
      isRepeatable: true,
    },
  ],
  notes: [keyValuesNote],
  examples: ['fermata deployments create shop -b shop-blueprint -i size=3 -i inputs.yaml'],
  async run(call) {
    const blueprintId = call.text('blueprintId') ?? ''
    const inputs = await readKeyValues(call.list('inputs'))
    const fermata = await call.fermata()
    const record = await fermata.deployments.create(call.optionalArgument(0) ?? blueprintId, blueprintId, inputs)
    if (call.isJson) call.printJson(record)
    else if (call.isQuiet) call.print(record.id)
    else
      call.print(
        `Created deployment '${record.id}' of blueprint '${record.blueprintId}', ${record.instances} node instances`,
      )
  },
}
