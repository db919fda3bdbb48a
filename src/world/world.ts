// The outside that makes runs differ: time, randomness, ids. Rooms above take a World and touch none of it themselves.
import type { Duration, Instant } from '../kernel/duration.ts'
import type { FaultPoint } from '../kernel/fault-point.ts'

export interface Clock {
  now(): Instant
  /** Milliseconds that never jump; only differences mean anything. */
  monotonic(): Duration
  /** Resolves after `length`; rejects with the signal's reason as soon as the signal aborts. */
  sleep(length: Duration, signal?: AbortSignal): Promise<void>
}

export interface World {
  readonly clock: Clock
  /** A new id nobody has: 36 characters, a UUID. */
  newId(): string
  /** `length` characters out of `alphabet`, evenly drawn. */
  randomText(length: number, alphabet: string): string
  /** Called where a process may die with something half done. Only worlds of tests have it: they may never resolve. */
  readonly point?: (name: FaultPoint) => Promise<void>
}
