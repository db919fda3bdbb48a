// What several wait for at once, and what they share it by.
import { createHash } from 'node:crypto'
import { Secret } from '../../kernel/secret.ts'

/** Who no longer waits leaves; the work goes on for the others. */
export function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error)
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}

/** The same for the same settings alone, secrets and all; tells none of them. */
export function keyOf(settings: unknown): string {
  const text = JSON.stringify(settings, function (this: Readonly<Record<string, unknown>>, name, shown: unknown) {
    const own = this[name]
    return own instanceof Secret ? own.reveal() : shown
  })
  return createHash('sha256').update(text).digest('hex')
}
