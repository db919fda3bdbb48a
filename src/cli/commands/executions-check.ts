// `executions check`: holds the log of an execution, or a saved console log, against everything that is promised.
import { readFile } from 'node:fs/promises'
import { unreadableFile } from '../../engine/archive/folder.ts'
import type { CheckedLog, Violation } from '../../report/oracle/check.ts'
import { fault } from '../../kernel/fault.ts'
import type { Call } from '../call.ts'
import type { CommandDefinition } from '../definition.ts'
import { exitCodes } from '../exit-codes.ts'
import { preciseTime } from '../instant-text.ts'
import { printableLine } from '../printable.ts'

export const executionsCheck: CommandDefinition = {
  words: 'executions check',
  summary: 'check that an execution kept every promise, by its log',
  arguments: [{ name: 'EXECUTION_ID', description: 'the execution', isOptional: true }],
  options: [
    {
      flags: '--transcript <file>',
      description: 'a saved console log of cfy or fermata instead; - for standard input',
    },
  ],
  notes: [
    'Ends with exit code 7 when a promise was not kept. The rules stand in docs/reference/invariants.md; those whose ' +
      'subject the log does not have say nothing. -v lists every rule.',
  ],
  examples: [
    'fermata executions check ID',
    'cfy executions start backup -b shop | fermata executions check --transcript -',
  ],
  async run(call) {
    const checked = await check(call)
    if (call.isJson) call.printJson(checked)
    else print(call, checked)
    return checked.violations.length > 0 ? exitCodes.promiseBroken : exitCodes.ok
  },
}

async function check(call: Call): Promise<CheckedLog> {
  const [id, file] = [call.optionalArgument(0), call.text('transcript')]
  if ((id === undefined) === (file === undefined)) {
    throw fault('usage.bad_argument', {
      details: { message: 'it wants either an execution or a transcript' },
      hint: 'name the id of an execution, or a file with --transcript',
    })
  }
  if (id !== undefined) return (await call.fermata()).executions.check(id)
  return checkTranscript(await textOf(call, file ?? '-'), file ?? '-')
}

async function checkTranscript(text: string, file: string): Promise<CheckedLog> {
  const { readTranscript } = await import('../../report/transcript.ts')
  const { checkLog } = await import('../../report/oracle/check.ts')
  const entries = readTranscript(text)
  if (entries.every((entry) => entry.source === 'gap')) {
    const message = `there is no line of an execution in ${file}`
    throw fault('usage.bad_argument', { details: { message } })
  }
  return checkLog(entries)
}

async function textOf(call: Call, file: string): Promise<string> {
  if (file === '-') return call.host.stdin.read()
  return readFile(file, 'utf8').catch((thrown: unknown) => {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT')
      throw fault('usage.no_such_file', { details: { path: file }, cause: thrown })
    throw unreadableFile(file, thrown)
  })
}

function print(call: Call, { entries, rules, violations }: CheckedLog): void {
  if (call.isQuiet) return violations.forEach((violation) => call.print(violation.rule))
  if (call.isVerbose) for (const { id, state, claim } of rules) call.print(`${state.padEnd(6)}  ${id}: ${claim}`)
  for (const violation of violations) call.print(violationText(call, violation))
  const silent = rules.filter((rule) => rule.state === 'silent').length
  call.print(`${rules.length - silent} of ${rules.length} rules checked over ${count(entries, 'entry', 'entries')}`)
  if (violations.length === 0) call.print(call.paint('green', 'Every promise was kept.'))
  else call.print(call.paint('red', count(violations.length, 'violation', 'violations')))
}

function violationText(call: Call, { rule, message, bracket, entries }: Violation): string {
  const where = bracket === null ? '' : ` (${bracket})`
  const head = `${call.paint('red', rule)}: ${printableLine(message)}${where}`
  const lines = entries.map((entry) => `    ${preciseTime(entry.at)}  #${entry.sequence}  ${printableLine(entry.text)}`)
  return [head, ...lines].join('\n')
}

const count = (number: number, one: string, several: string): string => `${number} ${number === 1 ? one : several}`
