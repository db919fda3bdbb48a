// Virtual time. One event at a time is taken from the queue; then everything it set off runs to its end before the next
// is taken. Time moves only between events.
import type { Duration, Instant } from '../../kernel/duration.ts'
import { EventQueue, type Due } from './event-queue.ts'
import { takeGlobals } from './globals.ts'
import type { Random } from './random.ts'

/** `stuck`: nothing was left that could happen. `late`: the limit came first. */
export type TimelineEnd = 'done' | 'stuck' | 'late'

export class Timeline {
  readonly start: Instant
  readonly #queue: EventQueue
  /** Of the machine: kept before anybody may replace it. */
  readonly #turn = globalThis.setImmediate
  #now: Instant
  #soon: (() => void)[] = []
  #events = 0

  constructor(random: Random, start: Instant = Date.UTC(2026, 0, 1)) {
    this.#queue = new EventQueue(random)
    this.start = start
    this.#now = start
  }

  get now(): Instant {
    return this.#now
  }

  /** How many events have been. */
  get events(): number {
    return this.#events
  }

  after(length: Duration, run: () => void): Due {
    return this.at(this.#now + length, run)
  }

  /** Instants are whole milliseconds, here as on the machine. */
  at(moment: Instant, run: () => void): Due {
    return this.#queue.add(Math.max(this.#now, Math.ceil(moment)), run)
  }

  /** Lets time pass until `isDone`, checked whenever everything stands still, or until `limit` from now on is over. */
  async run(isDone: () => boolean, limit: Duration): Promise<TimelineEnd> {
    const end = this.#now + limit
    const giveBack = takeGlobals({ now: () => this.#now, soon: (callback) => this.#soon.push(callback) })
    try {
      for (;;) {
        await this.#settle()
        if (isDone()) return 'done'
        const { next } = this.#queue
        if (next === undefined) return 'stuck'
        if (next > end) {
          this.#now = end
          return 'late'
        }
        this.#now = next
        this.#events++
        this.#queue.take()?.run()
      }
    } finally {
      giveBack()
    }
  }

  /** Lets this much time pass. */
  async pass(length: Duration): Promise<void> {
    let isOver = false
    this.after(length, () => (isOver = true))
    await this.run(() => isOver, length)
  }

  // A turn of the machine's own loop lets every promise settle that can. What asked for a turn itself comes after it.
  async #settle(): Promise<void> {
    do {
      const batch = this.#soon
      this.#soon = []
      for (const callback of batch) callback()
      await new Promise<void>((resolve) => this.#turn(() => resolve()))
    } while (this.#soon.length > 0)
  }
}
