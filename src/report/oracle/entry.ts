// The entries of a log, as the oracle reads them: events as users see them, moments as a run reports them, and gaps.
import type { Instant } from '../../kernel/duration.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { TraceType } from '../../kernel/trace.ts'

interface Place {
  /** Counts from 1 through the whole log. */
  readonly position: number
  readonly at: Instant
  /** Of an event its own number; of a moment that of the event before it. */
  readonly sequence: number
}

export interface EventEntry extends Place {
  readonly source: 'event'
  /** Kind of the event: `task_started`. */
  readonly type: string
  readonly level: string | null
  readonly instance: string | null
  /** Full operation name, or only its last word in what was read from a console. */
  readonly operation: string | null
  /** `source->target` for operations of relationships. */
  readonly pair: string | null
  readonly text: string
}

export interface MomentEntry extends Place {
  readonly source: 'moment'
  readonly type: TraceType
  readonly instance: string | null
  readonly bracket: string | null
  readonly fields: JsonObject
}

/** Something is left out here, as `...` does in a console log that was shortened. */
export interface GapEntry extends Place {
  readonly source: 'gap'
  readonly type: 'gap'
}

export type LogEntry = EventEntry | MomentEntry | GapEntry

/** An entry in a few words, for messages. */
export function shownEntry(entry: LogEntry): string {
  if (entry.source === 'gap') return '...'
  const subject = [entry.instance, entry.source === 'moment' ? entry.bracket : entry.operation].filter(Boolean)
  const where = subject.length > 0 ? ` [${subject.join(' ')}]` : ''
  return `${entry.type}${where}${entry.source === 'event' ? ` ${entry.text}` : ''}`
}

export function textOf(moment: MomentEntry, field: string): string | null {
  const value = moment.fields[field]
  return typeof value === 'string' ? value : null
}

export function numberOf(moment: MomentEntry, field: string): number | null {
  const value = moment.fields[field]
  return typeof value === 'number' ? value : null
}

export function isTrue(moment: MomentEntry, field: string): boolean {
  return moment.fields[field] === true
}

/** The texts of a list, of a list of lists, or the keys of an object. */
export function textsOf(moment: MomentEntry, field: string): readonly string[] {
  const value = moment.fields[field]
  if (Array.isArray(value)) return value.flat().filter((item): item is string => typeof item === 'string')
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}
