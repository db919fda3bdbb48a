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

function sleep(length: Duration, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', giveUp)
      resolve()
    }, length)
    if (signal?.aborted) giveUp()
    else signal?.addEventListener('abort', giveUp, { once: true })
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
