// `executions check`: holds the log of an execution, or a saved console log, against everything that is promised.
import { readFile } from 'node:fs/promises'
import { unreadableFile } from '../../engine/archive/folder.ts'
import { checkLog, type CheckedLog, type Violation } from '../../report/oracle/check.ts'
import { shownEntry, type LogEntry } from '../../report/oracle/entry.ts'
import { readTranscript } from '../../report/transcript.ts'
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
    { flags: '--log', description: 'print what was checked, too: events, and the moments between them' },
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
    const entries = await entriesOf(call)
    const id = call.optionalArgument(0)
    const checked = id === undefined ? checkLog(entries) : await (await call.fermata()).executions.check(id)
    if (call.isJson) call.printJson(call.flag('log') ? { ...checked, log: entries } : checked)
    else {
      if (call.flag('log')) for (const entry of entries) call.print(entryText(entry))
      print(call, checked)
    }
    return checked.violations.length > 0 ? exitCodes.promiseBroken : exitCodes.ok
  },
}

async function entriesOf(call: Call): Promise<readonly LogEntry[]> {
  const [id, file] = [call.optionalArgument(0), call.text('transcript')]
  if ((id === undefined) === (file === undefined)) {
    throw fault('usage.bad_argument', {
      details: { message: 'it wants either an execution or a transcript' },
      hint: 'name the id of an execution, or a file with --transcript',
    })
  }
  if (id !== undefined) return (await call.fermata()).executions.log(id)
  const entries = readTranscript(await textOf(call, file ?? '-'))
  if (entries.some((entry) => entry.source !== 'gap')) return entries
  throw fault('usage.bad_argument', { details: { message: `there is no line of an execution in ${file}` } })
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

function entryText(entry: LogEntry): string {
  const fields = entry.source === 'moment' ? ` ${JSON.stringify(entry.fields)}` : ''
  return `${preciseTime(entry.at)}  #${entry.sequence}  ${printableLine(shownEntry(entry) + fields)}`
}

function violationText(call: Call, { rule, message, bracket, entries }: Violation): string {
  const where = bracket === null ? '' : ` (${bracket})`
  const head = `${call.paint('red', rule)}: ${printableLine(message)}${where}`
  const lines = entries.map((entry) => `    ${preciseTime(entry.at)}  #${entry.sequence}  ${printableLine(entry.text)}`)
  return [head, ...lines].join('\n')
}

const count = (number: number, one: string, several: string): string => `${number} ${number === 1 ? one : several}`
