// docs/reference/cli.md: every command with its arguments and options, from the command table.
import { allCommands } from '../../src/cli/command-table.ts'
import { globalOptions, type CommandDefinition, type OptionDefinition } from '../../src/cli/definition.ts'

export async function cliPage(): Promise<string> {
  const commands = await allCommands()
  return `${[
    '# Commands',
    'This page is generated from the command table; `npm run gen` writes it.',
    'Nouns may be written in the singular, and cut short as long as it is clear which one is meant: `fermata exec start`. ' +
      'What the commands leave behind them is told by their [exit codes](exit-codes.md).',
    '## Everywhere',
    optionTable(globalOptions),
    ...commands.map(commandText),
  ].join('\n\n')}\n`
}

function commandText(command: CommandDefinition): string {
  const { words, summary, arguments: given = [], options = [], examples = [], notes = [] } = command
  const usage = [
    `fermata ${words}`,
    ...given.map(({ name, isOptional }) => (isOptional ? `[${name}]` : name)),
    ...(options.length > 0 ? ['[options]'] : []),
  ]
  return [
    `## \`${words}\``,
    `${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}.`,
    `    ${usage.join(' ')}`,
    ...(given.length > 0 ? [argumentTable(command)] : []),
    ...(options.length > 0 ? [optionTable(options)] : []),
    ...notes,
    ...(examples.length > 0 ? [`For example:\n\n${examples.map((example) => `    ${example}`).join('\n')}`] : []),
  ].join('\n\n')
}

function argumentTable(command: CommandDefinition): string {
  const rows = (command.arguments ?? []).map(({ name, description }) => `| \`${name}\` | ${cell(description)} |`)
  return ['| argument | |', '| --- | --- |', ...rows].join('\n')
}

function optionTable(options: readonly OptionDefinition[]): string {
  const rows = options.map(({ flags, description, isRepeatable, isRequired }) => {
    const notes = [isRequired ? 'required' : '', isRepeatable ? 'may be given several times' : ''].filter(Boolean)
    return `| \`${flags}\` | ${cell(description)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''} |`
  })
  return ['| option | |', '| --- | --- |', ...rows].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
