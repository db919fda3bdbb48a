// A log with what most rules ask of it worked out once: its lives, its moments by type and by bracket, how it ended.
import type { EventEntry, LogEntry, MomentEntry } from './entry.ts'
import { textOf } from './entry.ts'
import type { Facts } from './facts.ts'
import { momentsOfEvents } from './node-events.ts'
import type { TraceType } from '../../kernel/trace.ts'

const endKinds: Readonly<Record<string, string>> = {
  workflow_succeeded: 'terminated',
  workflow_failed: 'failed',
  workflow_cancelled: 'cancelled',
}

export class LogView {
  readonly entries: readonly LogEntry[]
  readonly facts: Facts
  readonly events: readonly EventEntry[]
  /** As the run reported them; where it reported none, as far as its events tell. */
  readonly moments: readonly MomentEntry[]
  readonly hasMoments: boolean
  readonly hasGaps: boolean
  readonly #lives: readonly number[]
  readonly #byType = new Map<string, MomentEntry[]>()
  readonly #byBracket = new Map<string, MomentEntry[]>()

  constructor(entries: readonly LogEntry[], facts: Facts = {}) {
    this.entries = entries
    this.facts = facts
    this.events = entries.filter((entry) => entry.source === 'event')
    const moments = entries.filter((entry) => entry.source === 'moment')
    this.hasMoments = moments.length > 0
    this.hasGaps = entries.some((entry) => entry.source === 'gap')
    this.moments = this.hasMoments ? moments : momentsOfEvents(entries)
    this.#lives = livesOf(entries)
    for (const moment of this.moments) {
      listIn(this.#byType, moment.type).push(moment)
      if (moment.bracket !== null) listIn(this.#byBracket, moment.bracket).push(moment)
    }
  }

  /** Moments of these types, in the order of the log. */
  of(...types: readonly TraceType[]): readonly MomentEntry[] {
    const [first, ...rest] = types
    if (first !== undefined && rest.length === 0) return this.#byType.get(first) ?? []
    return this.moments.filter((moment) => types.includes(moment.type))
  }

  get brackets(): ReadonlyMap<string, readonly MomentEntry[]> {
    return this.#byBracket
  }

  /** Each process that worked on the execution is a life, counted from 1. Of what was under way when one ended, nothing is known. */
  lifeOf(entry: LogEntry): number {
    return this.#lives[entry.position - 1] ?? 1
  }

  /** How the last life ended; null: it has not, or nobody could record it. */
  get end(): string | null {
    return this.endOf(this.#lives.at(-1) ?? 1)
  }

  endOf(life: number): string | null {
    for (const entry of this.entries.toReversed()) {
      if (this.lifeOf(entry) !== life) continue
      const end = endStatus(entry)
      if (end !== null) return end
    }
    return null
  }

  get workflow(): string | null {
    const [started] = this.of('execution.started')
    if (started) return textOf(started, 'workflow')
    const text = this.events.find((event) => event.type === 'workflow_started')?.text ?? ''
    return /'([^']+)'/.exec(text)?.[1] ?? null
  }

  /** True once everything that was begun in the bracket should be over. */
  isClosed(bracket: string): boolean {
    const moments = this.#byBracket.get(bracket) ?? []
    return this.end !== null || moments.some((moment) => closing.has(moment.type))
  }

  isAbandoned(bracket: string): boolean {
    return (this.#byBracket.get(bracket) ?? []).some((moment) => moment.type === 'bracket.abandoned')
  }

  /** Who stays unfrozen in the bracket, or was thawed early, and is known to. */
  leftIn(bracket: string): ReadonlySet<string | null> {
    const moments = this.#byBracket.get(bracket) ?? []
    return new Set(moments.filter((moment) => moment.type === 'freeze.left').map((moment) => moment.instance))
  }
}

const closing = new Set<TraceType>(['bracket.thawed', 'bracket.abandoned'])

/** What an entry says of the end of a life; null: nothing. */
export function endStatus(entry: LogEntry): string | null {
  if (entry.source === 'event') return endKinds[entry.type] ?? null
  return entry.source === 'moment' && entry.type === 'execution.ended' ? (textOf(entry, 'status') ?? 'failed') : null
}

// A life begins with the event; the moment that says the same follows it at once.
function livesOf(entries: readonly LogEntry[]): number[] {
  let life = 0
  return entries.map((entry, index) => {
    const before = entries[index - 1]
    if (entry.type === 'workflow_started') life++
    else if (entry.type === 'execution.started' && before?.type !== 'workflow_started') life++
    return Math.max(life, 1)
  })
}

function listIn(map: Map<string, MomentEntry[]>, key: string): MomentEntry[] {
  const known = map.get(key)
  if (known) return known
  const list: MomentEntry[] = []
  map.set(key, list)
  return list
}
