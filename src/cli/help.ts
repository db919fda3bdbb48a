// The help pages above the single command: all commands, or those of one noun.
import { allCommands } from './command-table.ts'
import { globalOptions } from './definition.ts'
import { ownVersion } from './version.ts'

/** @param noun without it: everything. */
export async function helpOverview(noun?: string): Promise<string> {
  const commands = await allCommands(noun)
  const width = Math.max(...commands.map(({ words }) => words.length))
  const lines = commands.map(({ words, summary }) => `  ${words.padEnd(width)}  ${summary}`)
  const options = globalOptions.map(({ flags, description }) => `  ${flags.padEnd(width)}  ${description}`)
  const title = noun === undefined ? titleLines() : []
  return [
    ...title,
    `Usage: fermata ${noun ?? 'NOUN'} VERB [arguments] [options]`,
    '',
    'Commands:',
    ...lines,
    '',
    'Everywhere:',
    ...options,
    '',
    'fermata NOUN VERB --help explains one command.',
    '',
  ].join('\n')
}

function titleLines(): string[] {
  return [`fermata ${ownVersion()}: suspends, backs up, restores and recovers whole topologies.`, '']
}
