// `plugins delete`.
import type { CommandDefinition } from '../definition.ts'

export const pluginsDelete: CommandDefinition = {
  words: 'plugins delete',
  summary: 'forget an uploaded plugin that no blueprint uses',
  arguments: [{ name: 'NAME', description: 'the plugin' }],
  options: [{ flags: '--version <version>', description: 'which one, when there are several' }],
  async run(call) {
    const deleted = await (await call.fermata()).plugins.delete(call.argument(0), call.text('version'))
    if (call.isJson) call.printJson({ deleted: deleted.name, version: deleted.version })
    call.say(`Deleted plugin '${deleted.name}' ${deleted.version}`)
  },
}
