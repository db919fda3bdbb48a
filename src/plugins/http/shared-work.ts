// What several who work with one service share: work that all wait for, what they are known by, what they are told once.
import { createHash } from 'node:crypto'
import { Secret } from '../../kernel/secret.ts'
import type { OperationContext } from '../contract/context.ts'

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

/** Once for each execution: an operation that says so each time is one that nobody reads. */
export function warnOnce(
  { log, execution }: Pick<OperationContext, 'log'> & Partial<Pick<OperationContext, 'execution'>>,
  warned: Set<string>,
  words: string,
): void {
  const who = execution?.id ?? ''
  if (warned.has(who)) return
  warned.add(who)
  log.warning(words)
}
