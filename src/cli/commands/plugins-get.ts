// `plugins get`: what one plugin provides.
import type { CommandDefinition } from '../definition.ts'
import { shortTime } from '../instant-text.ts'
import { tableText } from '../table.ts'

export const pluginsGet: CommandDefinition = {
  words: 'plugins get',
  summary: 'show a plugin: operations, node types, workflows',
  arguments: [{ name: 'NAME', description: 'the plugin' }],
  options: [{ flags: '--version <version>', description: 'of an uploaded one (default: the newest)' }],
  async run(call) {
    const plugin = await (await call.fermata()).plugins.get(call.argument(0), call.text('version'))
    if (call.isJson) return call.printJson(plugin)
    if (call.isQuiet) return call.print(plugin.name)
    call.printFields([
      ['name', plugin.name],
      ['version', plugin.version],
      ['source', plugin.source],
      ['uploaded', plugin.uploadedAt === null ? null : shortTime(plugin.uploadedAt)],
      ['description', plugin.description?.trim() ?? null],
      ['node types', plugin.nodeTypes.join(', ') || null],
      ['workflows', plugin.workflows.join(', ') || null],
    ])
    if (plugin.operations.length === 0) return
    const rows = plugin.operations.map(({ name, kind, deadman }) => [name, kind, deadman])
    call.print(`\n${await tableText({ head: ['OPERATION', 'KIND', 'DEADMAN'], rows, paint: call.paint })}`)
  },
}
