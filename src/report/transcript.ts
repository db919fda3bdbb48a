// Reads what a console showed of an execution, in the lines of cfy and of fermata, as the entries that the oracle checks.
import type { Instant } from '../kernel/duration.ts'
import type { EventEntry, GapEntry, LogEntry } from './oracle/entry.ts'

const linePattern =
  /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)Z?\s+(CFY|LOG)\s+<[^>]*>\s?(?:\[([^\]]*)\]\s)?(.*)$/

// Colours of a terminal.
// oxlint-disable-next-line no-control-regex
const colours = /\u001b\[[0-9;]*m/g

interface Reading {
  readonly entries: LogEntry[]
  sequence: number
  at: Instant
}

/**
 * Lines that are no events (the command, blank lines, further lines of a message) are passed over; `...` is a gap, of which
 * nothing is concluded.
 *
 * @example
 * readTranscript("2018-05-16 12:10:22.408  CFY <examples> Starting 'backup' workflow execution")
 */
export function readTranscript(text: string): readonly LogEntry[] {
  const reading: Reading = { entries: [], sequence: 0, at: 0 }
  for (const line of text.replace(colours, '').split(/\r?\n/)) {
    if (/^\s*(\.\.\.|…)\s*$/.test(line)) reading.entries.push(gapIn(reading))
    const [, date, time, source, subject, message] = linePattern.exec(line) ?? []
    if (date === undefined || time === undefined) continue
    reading.at = Date.parse(`${date}T${time}Z`)
    reading.sequence++
    reading.entries.push(eventIn(reading, source === 'LOG', subject ?? '', message ?? ''))
  }
  return reading.entries
}

function gapIn(reading: Reading): GapEntry {
  const { entries, at, sequence } = reading
  return { source: 'gap', type: 'gap', position: entries.length + 1, at, sequence }
}

function eventIn(reading: Reading, isLog: boolean, subject: string, message: string): EventEntry {
  const [, pair, inPair] = /^(\S+->[^|\s]+)(?:\|(\S+))?$/.exec(subject) ?? []
  const [, instance, operation] = /^([^.]+)(?:\.(\S+))?$/.exec(pair === undefined ? subject : '') ?? []
  const [, level = 'INFO', logged] = /^([A-Z]+): (.*)$/.exec(message) ?? []
  return {
    source: 'event',
    position: reading.entries.length + 1,
    at: reading.at,
    sequence: reading.sequence,
    type: isLog ? 'log' : kindOf(message, operation ?? inPair),
    level: isLog ? level : null,
    instance: pair?.split('->')[0] ?? instance ?? null,
    operation: operation ?? inPair ?? null,
    pair: pair ?? null,
    text: isLog ? (logged ?? message) : message,
  }
}

const ofWorkflow: readonly (readonly [RegExp, string])[] = [
  [/^(Starting|Resuming) '[^']*' workflow execution/, 'workflow_started'],
  [/^'[^']*' workflow execution succeeded/, 'workflow_succeeded'],
  [/^'[^']*' workflow execution failed/, 'workflow_failed'],
  [/^'[^']*' workflow execution cancelled/, 'workflow_cancelled'],
  [/^The mail to \S+ /, 'mail'],
]

const ofTasks: readonly (readonly [RegExp, string])[] = [
  [/^Sending task '/, 'sending_task'],
  [/^Task started '/, 'task_started'],
  [/^Task succeeded '/, 'task_succeeded'],
  [/^Task failed '/, 'task_failed'],
  [/^Task rescheduled '/, 'task_rescheduled'],
]

function kindOf(message: string, operation: string | undefined): string {
  const known = operation === undefined ? ofWorkflow : ofTasks
  const otherwise = operation === undefined ? 'workflow_node_event' : 'plugin_event'
  return known.find(([pattern]) => pattern.test(message))?.[1] ?? otherwise
}
