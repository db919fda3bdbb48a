// One event as the line that cfy prints: `TIME  CFY <deployment> [instance.operation] message`.
import type { EventKind, EventRecord } from '../engine/api.ts'
import { plain, type Colour, type Paint } from './colours.ts'
import { preciseTime } from './instant-text.ts'
import { printable, printableLine } from './printable.ts'

const colourOfKind: Readonly<Partial<Record<EventKind, Colour>>> = {
  workflow_started: 'bold',
  workflow_succeeded: 'green',
  workflow_failed: 'red',
  workflow_cancelled: 'yellow',
  task_failed: 'red',
  task_rescheduled: 'yellow',
}

const colourOfLevel: Readonly<Record<string, Colour>> = {
  DEBUG: 'dim',
  WARNING: 'yellow',
  WARN: 'yellow',
  ERROR: 'red',
  CRITICAL: 'red',
}

/**
 * Lines after the first of a message are set in, so that no message can look like an event of its own.
 *
 * @example
 * eventLine(event) // 2017-09-28 08:12:05.257  CFY <examples> [server_11nk1j.resume] Task started 'script_runner.tasks.run'
 */
export function eventLine(event: EventRecord, paint: Paint = plain): string {
  const isLog = event.kind === 'log'
  const subject = subjectOf(event)
  const level = event.level ?? 'INFO'
  const message = printable(isLog ? `${level}: ${event.message}` : event.message).replace(/\n+$/, '')
  const colour = isLog ? colourOfLevel[level] : colourOfKind[event.kind]
  const head = `${paint('dim', preciseTime(event.time))}  ${isLog ? 'LOG' : 'CFY'} <${printableLine(event.deploymentId)}>`
  const info = subject === '' ? '' : ` [${paint('cyan', printableLine(subject))}]`
  const text = message.replaceAll('\n', '\n    ')
  return `${head}${info} ${colour === undefined ? text : paint(colour, text)}`
}

/** DEBUG logs are shown only when asked for. */
export function isShown(event: EventRecord, isVerbose: boolean): boolean {
  return isVerbose || event.kind !== 'log' || event.level !== 'DEBUG'
}

function subjectOf(event: EventRecord): string {
  const operation = event.operation?.slice(event.operation.lastIndexOf('.') + 1)
  if (event.sourceId !== null && event.targetId !== null) {
    const pair = `${event.sourceId}->${event.targetId}`
    return operation === undefined ? pair : `${pair}|${operation}`
  }
  return [event.instanceId, operation].filter((part) => part !== null && part !== undefined).join('.')
}
