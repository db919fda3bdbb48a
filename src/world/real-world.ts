// The World of the machine we run on.
import { randomBytes, randomUUID } from 'node:crypto'
import type { Duration } from '../kernel/duration.ts'
import type { World } from './world.ts'

export function realWorld(): World {
  return {
    clock: { now: () => Date.now(), monotonic: () => performance.now(), sleep },
    newId: () => randomUUID(),
    randomText,
  }
}

// The longest time a timer takes; a longer one would fire at once.
const longestTimer: Duration = 2 ** 31 - 1

function sleep(length: Duration, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout
    const giveUp = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const wait = (left: Duration): void => {
      timer = setTimeout(
        () => {
          if (left > longestTimer) return wait(left - longestTimer)
          signal?.removeEventListener('abort', giveUp)
          resolve()
        },
        Math.min(left, longestTimer),
      )
    }
    if (signal?.aborted) return reject(signal.reason)
    signal?.addEventListener('abort', giveUp, { once: true })
    wait(length)
  })
}

function randomText(length: number, alphabet: string): string {
  const usable = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // Bytes at the end of the range would favour the first letters.
      if (byte < usable && text.length < length) text += alphabet[byte % alphabet.length]
    }
  }
  return text
}
