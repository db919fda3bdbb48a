// One life of a simulated process: its World, until it is killed. Nothing that is called through a killed life ever
// settles; while it is paused, what comes for it waits.
import type { Duration, Instant } from '../../kernel/duration.ts'
import type { FaultPoint } from '../../kernel/fault-point.ts'
import type { World } from '../world.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

export interface LifeOptions {
  readonly timeline: Timeline
  readonly random: Random
  /** By how much the clock on the wall is wrong now; default: it is right. */
  readonly skew?: () => Duration
  /** Called at each fault point; may kill or pause the life. */
  readonly onPoint?: (name: FaultPoint) => void
}

export class Life {
  readonly world: World
  readonly #timeline: Timeline
  #killedAt: Instant | undefined
  #isPaused = false
  #held: (() => void)[] = []

  constructor(options: LifeOptions) {
    const { timeline, random } = options
    this.#timeline = timeline
    const elapsed = (): Instant => this.#killedAt ?? timeline.now
    const { skew = () => 0 } = options
    this.world = {
      clock: {
        now: () => elapsed() + skew(),
        monotonic: () => elapsed() - timeline.start,
        sleep: (length, signal) => this.#sleep(length, signal),
      },
      newId: () => [8, 4, 4, 4, 12].map((length) => random.text(length, '0123456789abcdef')).join('-'),
      randomText: (length, alphabet) => random.text(length, alphabet),
      point: async (name) => {
        if (this.isDead) return never()
        options.onPoint?.(name)
        await this.#gate()
      },
    }
  }

  get isDead(): boolean {
    return this.#killedAt !== undefined
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  kill(): void {
    this.#killedAt ??= this.#timeline.now
    this.#held = []
  }

  /** As SIGSTOP does. */
  pause(): void {
    this.#isPaused = !this.isDead
  }

  /** As SIGCONT does: what waited comes in the order in which it was due. */
  resume(): void {
    this.#isPaused = false
    for (const run of this.#held.splice(0)) this.#timeline.after(0, () => this.deliver(run))
  }

  /** Runs it if this life goes on: now, or once it does again. */
  deliver(run: () => void): void {
    if (this.isDead) return
    if (this.#isPaused) this.#held.push(run)
    else run()
  }

  // A process that was stopped at a point goes no further; one that was killed there never returns.
  #gate(): Promise<void> | undefined {
    if (this.isDead) return never()
    return this.#isPaused ? new Promise((resolve) => this.#held.push(resolve)) : undefined
  }

  #sleep(length: Duration, signal?: AbortSignal): Promise<void> {
    if (this.isDead) return never()
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const giveUp = (): void => {
        due.isCancelled = true
        reject(signal?.reason as Error)
      }
      const due = this.#timeline.after(length, () =>
        this.deliver(() => {
          signal?.removeEventListener('abort', giveUp)
          resolve()
        }),
      )
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }
}

/** Never settles. */
function never<Value>(): Promise<Value> {
  return new Promise(() => {})
}
