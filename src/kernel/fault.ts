// The one error class of the project. A fault says what happened, whether the outside world changed, whether it may be
// tried again, and who has to act. Codes and their wording stand in fault-table.ts.
import type { FaultEntry } from './fault-entry.ts'
import { faultTable, type FaultCode } from './fault-table.ts'
import type { Duration } from './duration.ts'
import type { Json, JsonObject } from './json.ts'
import { wordsOf } from './words.ts'

export type { FaultCode } from './fault-table.ts'

/** Did the outside world change? `unknown` must be read back before anything else is done. */
export type Effect = 'none' | 'done' | 'unknown'
export type Retry = 'never' | 'now' | 'later'
export type Blame = 'user' | 'provider' | 'guest' | 'network' | 'us'

export interface FaultOptions {
  /** Fills the `{name}` places of the code's message; must hold no secret. */
  readonly details?: Readonly<Record<string, Json | undefined>>
  /** Replaces the table's message; for texts that come from outside (a script's own words). */
  readonly message?: string
  readonly hint?: string | undefined
  readonly effect?: Effect
  readonly retry?: Retry
  /** With retry `later`: how long to wait first. */
  readonly after?: Duration | undefined
  readonly cause?: unknown
}

export class Fault extends Error {
  readonly code: FaultCode
  readonly effect: Effect
  readonly retry: Retry
  readonly after: Duration | undefined
  readonly blame: Blame
  readonly details: JsonObject
  readonly hint: string | undefined

  constructor(code: FaultCode, options: FaultOptions = {}) {
    const entry: FaultEntry = faultTable[code]
    const details = defined(options.details ?? {})
    super(options.message ?? fill(entry.message, details), options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'Fault'
    this.code = code
    this.effect = options.effect ?? (entry.effect === 'varies' ? 'none' : (entry.effect ?? 'none'))
    this.retry = options.retry ?? entry.retry
    this.after = options.after
    this.blame = entry.blame
    this.details = details
    const hint = options.hint ?? entry.hint
    this.hint = hint === undefined ? undefined : wholeHint(fill(hint, details), options.hint)
  }

  /** The form that goes into the journal and into `--json` output. */
  toJSON(): FaultRecord {
    return {
      code: this.code,
      message: this.message,
      effect: this.effect,
      retry: this.retry,
      blame: this.blame,
      details: this.details,
      ...(this.after === undefined ? {} : { after: this.after }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    }
  }
}

/** A fault as JSON. `after` in milliseconds. */
export interface FaultRecord {
  readonly [key: string]: Json
  readonly code: FaultCode
  readonly message: string
  readonly effect: Effect
  readonly retry: Retry
  readonly blame: Blame
  readonly details: JsonObject
}

/**
 * Makes a fault.
 *
 * @example
 * throw fault('store.busy', { details: { home: '/srv/fermata', holder: 'process 4711' } })
 */
export function fault(code: FaultCode, options: FaultOptions = {}): Fault {
  return new Fault(code, options)
}

/** Builds a fault again from its journal form. */
export function faultFromRecord(record: FaultRecord): Fault {
  const { after, hint } = record
  return new Fault(record.code, {
    message: record.message,
    details: record.details,
    effect: record.effect,
    retry: record.retry,
    ...(typeof after === 'number' ? { after } : {}),
    ...(typeof hint === 'string' ? { hint } : {}),
  })
}

/** The same fault with another effect. */
export function withEffect(problem: Fault, effect: Effect): Fault {
  const { code, message, details, hint, retry, after, cause } = problem
  return new Fault(code, { message, details, hint, effect, retry, after, cause })
}

/** Anything thrown, as a fault. What is no fault of ours becomes `engine.unexpected` with effect unknown. */
export function asFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  const message = wordsOf(thrown)
  return fault('engine.unexpected', { details: { message }, effect: 'unknown', cause: thrown })
}

// A hint of the table with a place that nobody filled would only puzzle.
function wholeHint(filled: string, own: string | undefined): string | undefined {
  return own === undefined && /\{\w+\}/.test(filled) ? undefined : filled
}

function fill(template: string, details: JsonObject): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = details[name]
    if (value === undefined) return place
    return typeof value === 'string' ? value : JSON.stringify(value)
  })
}

function defined(details: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(details).filter((entry): entry is [string, Json] => entry[1] !== undefined))
}
