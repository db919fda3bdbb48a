// `plugins init`: a new plugin that works, to be changed into one's own.
import { join } from 'node:path'
import type { CommandDefinition } from '../definition.ts'
import { writePlugin } from '../plugin-template.ts'

export const pluginsInit: CommandDefinition = {
  words: 'plugins init',
  summary: 'make the files of a new plugin, which passes the contract suite',
  arguments: [{ name: 'NAME', description: 'its name: lower case letters, digits and dashes' }],
  options: [{ flags: '-o, --output <dir>', description: 'the folder to make (default: NAME)' }],
  examples: ['fermata plugins init lamp', 'fermata plugins test lamp'],
  async run(call) {
    const name = call.argument(0)
    const folder = call.text('output') ?? name
    const files = await writePlugin(name, folder)
    if (call.isJson) return call.printJson({ name, files })
    if (call.isQuiet) return call.print(name)
    call.print(`Made plugin '${name}':`)
    for (const file of files) call.print(`  ${join(folder, file)}`)
    call.print(`Try it with: fermata plugins test ${folder}`)
  },
}
