// `blueprints validate`: says what is wrong with a blueprint and what may go wrong, without keeping it.
import { mainFileOption, type CommandDefinition } from '../definition.ts'
import { exitCodes } from '../exit-codes.ts'
import { problemsText } from '../error-text.ts'
import { paintFor } from '../colours.ts'

export const blueprintsValidate: CommandDefinition = {
  words: 'blueprints validate',
  summary: 'list all problems of a blueprint with their places; without any, warnings',
  arguments: [{ name: 'PATH', description: 'YAML file, folder or archive' }],
  options: [mainFileOption, { flags: '--strict', description: 'warnings refuse the blueprint too' }],
  examples: ['fermata blueprints validate blueprints/two-tier/blueprint.yaml --strict'],
  async run(call) {
    const path = call.argument(0)
    const mainFile = call.text('blueprintFilename')
    const fermata = await call.fermata()
    const { problems, source } = await fermata.blueprints.validate(
      mainFile === undefined ? { path } : { path, mainFile },
    )
    const isGood = problems.every(({ severity }) => severity === 'warning')
    if (call.isJson) call.printJson(problems)
    else if (problems.length === 0) call.say(`No problems in '${path}'`)
    else {
      const paint = paintFor(call.host.env, call.host.stderr.isTerminal, call.wantsColour)
      call.host.stderr.write(`${await problemsText(problems, source, paint)}\n`)
    }
    return problems.length === 0 || (isGood && !call.flag('strict')) ? exitCodes.ok : exitCodes.refused
  },
}
