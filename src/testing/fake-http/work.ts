// What goes on in a fake after a call was answered: steps that take a while, can be held, can break, and stand still while
// what does them is down.

export interface Held {
  /** Resolves with the id of what came to the step first. */
  readonly reached: Promise<string>
  /** Goes on, and no later one is held. */
  release(): void
}

interface Hold {
  readonly step: string
  readonly id: string | undefined
  readonly freed: Promise<void>
  readonly reach: (id: string) => void
}

interface Break {
  readonly step: string
  readonly id: string | undefined
  skip: number
  left: number
  readonly reason: string
}

/** Thrown by a step that was to break. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

/** `Worker`: what does a step. When it is down, its calls are accepted all the same. */
export class Work<Worker extends string = never> {
  /** How long a step takes, in ms. */
  stepTime: number
  readonly #holds = new Set<Hold>()
  readonly #breaks = new Set<Break>()
  readonly #down = new Map<Worker, { readonly up: Promise<void>; readonly rise: () => void }>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #running = new Set<Promise<void>>()
  #isClosed = false

  constructor(stepTime: number) {
    this.stepTime = stepTime
  }

  /** Begins work of which nobody waits for the end. What it throws is a mistake in the fake, and ends the process. */
  begin(work: () => Promise<void>): void {
    const running = work()
      .catch((thrown: unknown) => {
        if (!(thrown instanceof Closed)) throw thrown
      })
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /**
   * Passes one step, such as `snapshot:uploading`.
   *
   * @throws Broken
   */
  async step(step: string, id: string, worker?: Worker): Promise<void> {
    if (worker !== undefined) await this.#down.get(worker)?.up
    await this.#pause()
    for (const hold of this.#holds) {
      if (hold.step !== step || (hold.id !== undefined && hold.id !== id)) continue
      hold.reach(id)
      await hold.freed
    }
    if (worker !== undefined) await this.#down.get(worker)?.up
    if (this.#isClosed) throw new Closed()
    for (const one of this.#breaks) {
      if (one.step !== step || (one.id !== undefined && one.id !== id)) continue
      if (one.skip > 0) {
        one.skip -= 1
      } else {
        one.left -= 1
        if (one.left <= 0) this.#breaks.delete(one)
        throw new Broken(one.reason)
      }
    }
  }

  hold(step: string, id?: string): Held {
    const { promise: freed, resolve: release } = Promise.withResolvers<void>()
    const { promise: reached, resolve: reach } = Promise.withResolvers<string>()
    const hold = { step, id, freed, reach }
    this.#holds.add(hold)
    return {
      reached,
      release: () => {
        this.#holds.delete(hold)
        release()
      },
    }
  }

  break(step: string, { id, nth = 1, times = 1, reason = 'the fake was told to break it' }: BreakOptions = {}): void {
    this.#breaks.add({ step, id, skip: nth - 1, left: times, reason })
  }

  stop(worker: Worker): void {
    if (this.#down.has(worker)) return
    const { promise: up, resolve: rise } = Promise.withResolvers<void>()
    this.#down.set(worker, { up, rise })
  }

  start(worker: Worker): void {
    const down = this.#down.get(worker)
    this.#down.delete(worker)
    down?.rise()
  }

  isDown(worker: Worker): boolean {
    return this.#down.has(worker)
  }

  /** Nothing is under way any more. Never, while something is held or down. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** What is under way ends where it stands. */
  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
  }

  async #pause(): Promise<void> {
    if (this.#isClosed) throw new Closed()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        resolve()
      }, this.stepTime)
      this.#timers.add(timer)
    })
  }
}

export interface BreakOptions {
  readonly id?: string
  /** The first to break, counted from now on. Default: 1. */
  readonly nth?: number
  readonly times?: number
  readonly reason?: string
}

class Closed extends Error {}
