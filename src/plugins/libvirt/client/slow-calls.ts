// How many slow calls a daemon is given at once on one connection: with five under way it stops reading that connection,
// and whatever is behind them waits, too.
import { unlessInterrupted, type Interruption } from '../../ssh/client/interrupted.ts'

export const slowCallsAtOnce = 4

export class SlowCalls {
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** How many the daemon is at, or wait for that. */
  get count(): number {
    return this.#running + this.#waiting.length
  }

  /** Takes a turn when one is free: calls are sent in the order in which they were made. */
  tryEnter(): boolean {
    if (this.#running >= slowCallsAtOnce) return false
    this.#running++
    return true
  }

  /** Waits for its turn; an interruption ends the wait. Each entry is left once. */
  async enter(interruptions: readonly Interruption[]): Promise<void> {
    let take = (): void => {}
    const turn = new Promise<void>((resolve) => {
      take = resolve
      this.#waiting.push(resolve)
    })
    try {
      await unlessInterrupted(turn, interruptions)
    } catch (thrown) {
      const place = this.#waiting.indexOf(take)
      // Its turn may have come in the same moment.
      if (place < 0) this.leave()
      else this.#waiting.splice(place, 1)
      throw thrown
    }
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running--
  }
}
