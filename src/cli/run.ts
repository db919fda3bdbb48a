// Runs one command line from its words to its exit code. Everything it touches of the process comes in by the host.
import { asFault, Fault } from '../kernel/fault.ts'
import { Call } from './call.ts'
import { paintFor } from './colours.ts'
import { commandTable } from './command-table.ts'
import type { CommandDefinition } from './definition.ts'
import { exitCodeFor, exitCodes, type ExitCode } from './exit-codes.ts'
import type { CliHost } from './host.ts'
import { readWords } from './words.ts'

/** Never throws: what goes wrong is printed on stderr and told by the exit code. */
export async function runCli(argv: readonly string[], host: CliHost): Promise<ExitCode> {
  try {
    const request = readWords(argv)
    const load = commandTable[request.noun ?? '']?.[request.verb ?? '']
    if (request.kind === 'help' || load === undefined) return await showHelp(request.noun, load, host)
    return await runCommand(await load(), request.rest, host)
  } catch (error) {
    return report(error, argv, host)
  }
}

async function runCommand(definition: CommandDefinition, words: readonly string[], host: CliHost): Promise<ExitCode> {
  const { parseOptions } = await import('./parse-options.ts')
  const call = new Call(host, parseOptions(definition, words))
  try {
    return (await definition.run(call)) ?? exitCodes.ok
  } finally {
    await call.close()
  }
}

async function showHelp(
  noun: string | undefined,
  load: (() => Promise<CommandDefinition>) | undefined,
  host: CliHost,
): Promise<ExitCode> {
  const { helpText } = await import('./parse-options.ts')
  const { helpOverview } = await import('./help.ts')
  host.stdout.write(load ? helpText(await load(), host.stdout.columns ?? 100) : await helpOverview(noun))
  return exitCodes.ok
}

async function report(error: unknown, argv: readonly string[], host: CliHost): Promise<ExitCode> {
  const fault = error instanceof Fault ? error : asFault(error)
  const { errorJson, errorText } = await import('./error-text.ts')
  const paint = paintFor(host.env, host.stderr.isTerminal, !argv.includes('--no-color'))
  const text = argv.includes('--json')
    ? JSON.stringify(errorJson(fault))
    : await errorText(fault, paint, argv.includes('--debug'))
  host.stderr.write(`${text}\n`)
  return exitCodeFor(fault)
}
