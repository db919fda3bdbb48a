// What the events of a run tell of its bracket when it reported no moments: `Starting to X` and `Done X` of freezes, cuts
// and thaws, as console logs of Cloudify have them.
import type { EventEntry, LogEntry, MomentEntry } from './entry.ts'
import type { TraceType } from '../../kernel/trace.ts'

type Half = 'freeze' | 'cut' | 'thaw'

const halves: Readonly<Record<string, Half>> = {
  'cloudify.interfaces.freeze.fs_prepare': 'freeze',
  'cloudify.interfaces.freeze.fs_finalize': 'thaw',
  'cloudify.interfaces.snapshot.create': 'cut',
  'cloudify.interfaces.snapshot.apply': 'cut',
}

/** All of them belong to one bracket: what is frozen again in a later round was thawed before. */
export const bracketOfEvents = 'events'

export function momentsOfEvents(entries: readonly LogEntry[]): MomentEntry[] {
  const open = new Map<string, Half>()
  return entries.flatMap((entry) => {
    if (entry.source !== 'event' || entry.instance === null) return []
    const found = momentTypeOf(entry, entry.instance, open)
    return found === undefined ? [] : [momentOf(entry, found)]
  })
}

function momentTypeOf(entry: EventEntry, instance: string, open: Map<string, Half>): TraceType | undefined {
  const [, verb, title = ''] = /^(Starting to|Done) (\S+)$/.exec(entry.text) ?? []
  const half = halves[title]
  if (half !== undefined && verb === 'Starting to') {
    open.set(`${instance} ${wordOf(title)}`, half)
    return `${half}.begun`
  }
  if (half !== undefined) return `${half}.done`
  const tried = entry.operation === null ? undefined : open.get(`${instance} ${wordOf(entry.operation)}`)
  if (tried === undefined) return undefined
  if (entry.type === 'task_failed' || entry.type === 'task_rescheduled') return `${tried}.failed`
  return entry.type === 'sending_task' && / \[retry \d/.test(entry.text) ? `${tried}.begun` : undefined
}

function momentOf(entry: EventEntry, type: TraceType): MomentEntry {
  const { position, at, sequence, instance } = entry
  return { source: 'moment', position, at, sequence, type, instance, bracket: bracketOfEvents, fields: {} }
}

const wordOf = (operation: string): string => operation.slice(operation.lastIndexOf('.') + 1)
