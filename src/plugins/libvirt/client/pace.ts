// How quickly slow calls follow each other. A daemon begins with five workers and makes another one only while nothing
// waits for one: calls in a burst are queued for workers that never come, and a thaw is queued behind them.
import type { Duration } from '../../../kernel/duration.ts'
import type { Clock } from '../../../world/world.ts'

/** So many find a worker at once, and leave one. */
const atOnce = 4
/** Time enough for a worker to take a call. */
const gap: Duration = 10

export class Pace {
  readonly #clock: Clock
  readonly #load: () => number
  #next: Duration = 0

  /** `load`: slow calls that the daemon has of us. */
  constructor(clock: Clock, load: () => number) {
    this.#clock = clock
    this.#load = load
  }

  /** How long the call that asks has to wait; 0: not at all. */
  delay(): Duration {
    const now = this.#clock.monotonic()
    const begins = this.#load() < atOnce ? now : Math.max(now, this.#next)
    this.#next = begins + gap
    return begins - now
  }
}
