// `blueprints upload`: takes a blueprint with its files into the store.
import { basename, dirname, resolve } from 'node:path'
import { mebibyte, readLimits } from '../../engine/archive/limits.ts'
import type { CommandDefinition } from '../definition.ts'
import { mainFileOption } from '../definition.ts'

export const blueprintsUpload: CommandDefinition = {
  words: 'blueprints upload',
  summary: 'check a blueprint and keep it with its files',
  arguments: [
    { name: 'PATH', description: 'YAML file (its folder comes along), folder, or zip / tar / tar.gz archive' },
  ],
  options: [
    { flags: '-b, --blueprint-id <id>', description: 'its id (default: the name of the folder or archive)' },
    mainFileOption,
  ],
  notes: [
    'Hidden folders, node_modules and __pycache__ are left out. The single top folder of an archive is taken off. ' +
      'In a folder, links to what lies inside it are followed; links that lead outside, and any link in an archive, ' +
      'refuse the whole, as do names that lead outside, pipes, sockets and devices.',
    `At most ${readLimits.entries.toLocaleString('en')} files and folders, ${readLimits.fileBytes / mebibyte} MiB in one ` +
      `file, ${readLimits.totalBytes / mebibyte} MiB in all, names of ${readLimits.nameBytes} bytes; no archive may ` +
      `grow to more than ${readLimits.ratio} times its packed size, once it has passed 1 MiB.`,
  ],
  examples: ['fermata blueprints upload examples/blueprint.yaml -b examples'],
  async run(call) {
    const path = call.argument(0)
    const mainFile = call.text('blueprintFilename')
    const fermata = await call.fermata()
    const source = mainFile === undefined ? { path } : { path, mainFile }
    const record = await fermata.blueprints.upload(call.text('blueprintId') ?? idFromPath(path), source)
    if (call.isJson) call.printJson(record)
    else if (call.isQuiet) call.print(record.id)
    else call.print(`Uploaded blueprint '${record.id}' (${record.mainFile}, ${record.digest.slice(0, 12)})`)
  },
}

/** As cfy does: a YAML file gives the name of its folder, an archive its own without the ending. */
function idFromPath(path: string): string {
  const full = resolve(path)
  const name = /\.ya?ml$/i.test(full) ? basename(dirname(full)) : basename(full)
  return name.replace(/\.(zip|tar|tgz|tar\.gz)$/i, '')
}
