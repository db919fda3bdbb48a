// The World of tests: time stands still until it is advanced, and the same seed gives the same ids.
import type { Duration, Instant } from '../kernel/duration.ts'
import type { World } from './world.ts'

export interface SimulatedWorld extends World {
  /** Lets `length` pass: sleepers due within it wake in order of their time. Between two of them pending promises settle. */
  advance(length: Duration): Promise<void>
  /** How many sleepers wait. */
  readonly sleeping: number
}

interface Sleeper {
  readonly due: Instant
  wake(): void
}

export function simulatedWorld(seed: number, start: Instant = Date.UTC(2026, 0, 1)): SimulatedWorld {
  let now = start
  let state = seed >>> 0 || 1
  let sleepers: Sleeper[] = []

  // xorshift32 by George Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8 (2003).
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }

  const randomText = (length: number, alphabet: string): string =>
    Array.from({ length }, () => alphabet[next() % alphabet.length]).join('')

  const sleep = (length: Duration, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const giveUp = (): void => {
        sleepers = sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason)
      }
      const wake = (): void => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const sleeper: Sleeper = { due: now + length, wake }
      sleepers.push(sleeper)
      signal?.addEventListener('abort', giveUp, { once: true })
    })

  return {
    clock: { now: () => now, monotonic: () => now - start, sleep },
    newId: () => ['8', '4', '4', '4', '12'].map((length) => randomText(Number(length), '0123456789abcdef')).join('-'),
    randomText,
    get sleeping() {
      return sleepers.length
    },
    async advance(length) {
      const end = now + length
      await settle()
      for (;;) {
        const due = sleepers.filter((sleeper) => sleeper.due <= end).sort((left, right) => left.due - right.due)[0]
        if (!due) break
        now = Math.max(now, due.due)
        sleepers = sleepers.filter((sleeper) => sleeper !== due)
        due.wake()
        await settle()
      }
      now = end
    },
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
