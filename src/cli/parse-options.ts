// Reads the arguments and options of one command, by commander; its complaints become faults.
import { Command, CommanderError, Option } from 'commander'
import { fault, type Fault } from '../kernel/fault.ts'
import { globalOptions, type CommandDefinition, type OptionDefinition } from './definition.ts'

export interface ParsedOptions {
  readonly arguments: readonly string[]
  /** By long name in camel case: `deploymentId`. */
  readonly options: Readonly<Record<string, unknown>>
}

/** @throws Fault `usage.bad_argument` */
export function parseOptions(definition: CommandDefinition, words: readonly string[]): ParsedOptions {
  const command = commandFor(definition)
  try {
    command.parse([...words], { from: 'user' })
  } catch (error) {
    throw error instanceof CommanderError ? usageFault(error, definition) : error
  }
  return { arguments: command.args, options: command.opts() }
}

/** The help text of one command. */
export function helpText(definition: CommandDefinition, columns: number): string {
  const command = commandFor(definition).configureOutput({ getOutHelpWidth: () => columns })
  const notes = (definition.notes ?? []).map((note) => `\n${command.createHelp().boxWrap(note, columns)}\n`)
  const examples = (definition.examples ?? []).map((example) => `  $ ${example}\n`)
  return [command.helpInformation(), ...notes, ...(examples.length > 0 ? ['\nExamples:\n', ...examples] : [])].join('')
}

function commandFor(definition: CommandDefinition): Command {
  const command = new Command(`fermata ${definition.words}`)
    .description(definition.summary)
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
    .helpOption('-h, --help', 'show this')
    .configureHelp({ showGlobalOptions: false })
    .allowExcessArguments(false)
  for (const { name, description, isOptional, isVariadic } of definition.arguments ?? []) {
    const words = isVariadic ? `${name}...` : name
    command.argument(isOptional ? `[${words}]` : `<${words}>`, description)
  }
  for (const option of [...(definition.options ?? []), ...globalOptions]) command.addOption(commanderOption(option))
  return command
}

function commanderOption({ flags, description, isRepeatable, isRequired }: OptionDefinition): Option {
  const option = new Option(flags, description)
  if (isRequired) option.makeOptionMandatory()
  if (isRepeatable) option.argParser<string[]>((value, earlier) => [...(earlier ?? []), value])
  return option
}

function usageFault(error: CommanderError, definition: CommandDefinition): Fault {
  const [first = '', ...others] = error.message.replace(/^error: /, '').split('\n')
  const suggestion = others.join(' ').replace(/^\((.*)\)$/, '$1')
  const hint = suggestion === '' ? `see: fermata ${definition.words} --help` : suggestion.replace('Did you', 'did you')
  return fault('usage.bad_argument', { details: { message: first }, hint })
}
