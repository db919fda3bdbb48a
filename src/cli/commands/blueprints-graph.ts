// `blueprints graph`: the topology as a picture.
import { writeFile } from 'node:fs/promises'
import { drawFormats, drawPlan, type DrawFormat } from '../../blueprint/graph/draw-plan.ts'
import { fault } from '../../kernel/fault.ts'
import { blueprintArgument, planOfArgument } from '../blueprint-argument.ts'
import { mainFileOption, type CommandDefinition } from '../definition.ts'

export const blueprintsGraph: CommandDefinition = {
  words: 'blueprints graph',
  summary: 'draw the topology: what holds what, what needs what, what is frozen when',
  arguments: [blueprintArgument],
  options: [
    { flags: '-f, --format <format>', description: `${drawFormats.join(', ')} (default: svg)` },
    { flags: '-o, --output <file>', description: 'write it there instead of printing it' },
    mainFileOption,
  ],
  examples: ['fermata blueprints graph blueprints/two-tier --format mermaid'],
  async run(call) {
    const format = formatOf(call.text('format') ?? 'svg')
    const picture = drawPlan(await planOfArgument(call), format)
    const file = call.text('output')
    if (file === undefined) {
      if (call.isJson) call.printJson({ format, picture })
      else call.host.stdout.write(picture)
      return
    }
    await writeFile(file, picture).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw fault('usage.bad_argument', { details: { message: `cannot write '${file}': ${reason}` }, cause })
    })
    if (call.isJson) call.printJson({ format, file })
    else call.say(`Wrote ${file}`)
  },
}

function formatOf(text: string): DrawFormat {
  const format = drawFormats.find((known) => known === text)
  if (format !== undefined) return format
  throw fault('usage.bad_argument', {
    details: { message: `--format takes ${drawFormats.join(', ')}, not '${text}'` },
  })
}
