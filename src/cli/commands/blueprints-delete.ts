// `blueprints delete`.
import type { CommandDefinition } from '../definition.ts'

export const blueprintsDelete: CommandDefinition = {
  words: 'blueprints delete',
  summary: 'forget a blueprint that no deployment uses',
  arguments: [{ name: 'BLUEPRINT_ID', description: 'the blueprint' }],
  async run(call) {
    const id = call.argument(0)
    await (await call.fermata()).blueprints.delete(id)
    if (call.isJson) call.printJson({ deleted: id })
    call.say(`Deleted blueprint '${id}'`)
  },
}
