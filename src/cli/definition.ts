// What one command is: its words, its arguments and options, and what it does. Help, completion and the reference page read it too.
import type { Call } from './call.ts'
import type { ExitCode } from './exit-codes.ts'

export interface ArgumentDefinition {
  /** Upper case, as it stands in the help: `BLUEPRINT_ID`. */
  readonly name: string
  readonly description: string
  readonly isOptional?: boolean
  /** Takes all words that are left. */
  readonly isVariadic?: boolean
}

export interface OptionDefinition {
  /** As commander reads it: `-d, --deployment-id <id>`. */
  readonly flags: string
  readonly description: string
  readonly isRepeatable?: boolean
  readonly isRequired?: boolean
}

export interface CommandDefinition {
  /** `executions start`; a command of one word is its own noun. */
  readonly words: string
  readonly summary: string
  readonly arguments?: readonly ArgumentDefinition[]
  readonly options?: readonly OptionDefinition[]
  readonly examples?: readonly string[]
  /** Sentences that the help and the reference page show below the options. */
  readonly notes?: readonly string[]
  /** Resolves with the exit code; nothing is 0. */
  run(call: Call): Promise<ExitCode | void>
}

export const globalOptions: readonly OptionDefinition[] = [
  { flags: '--json', description: 'print JSON for programs' },
  { flags: '-q, --quiet', description: 'print only what was asked for: ids, values, errors' },
  { flags: '-v, --verbose', description: 'show DEBUG logs too' },
  { flags: '--home <dir>', description: 'state directory (default: FERMATA_HOME, or ~/.fermata)' },
  { flags: '--no-color', description: 'no colours, even on a terminal' },
  { flags: '--debug', description: 'show stack traces with errors' },
]

export const deploymentOption: OptionDefinition = {
  flags: '-d, --deployment-id <id>',
  description: 'the deployment',
}

export const mainFileOption: OptionDefinition = {
  flags: '-n, --blueprint-filename <file>',
  description: 'main file below the folder or archive (default: blueprint.yaml)',
}
