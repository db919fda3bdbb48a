// Runs work under a timeout and a cancel signal. Work that heeds neither is left behind after a short grace: what waits
// for it (a thaw above all) must not wait for ever.
import type { Duration } from '../kernel/duration.ts'
import { fault, Fault } from '../kernel/fault.ts'
import type { World } from '../world/world.ts'
import { onAbort } from './on-abort.ts'

export interface Limits {
  readonly world: World
  /** Aborts on cancel. */
  readonly signal: AbortSignal
  /** Full name, for the message. */
  readonly operation: string
  /** null: none. */
  readonly timeout: Duration | null
  readonly isTimeoutRecoverable: boolean
}

const grace: Duration = 500

export function withLimits<Value>(limits: Limits, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  return limits.timeout === null
    ? untilCancelled(limits, limits.signal, work)
    : withTimeout(limits, limits.timeout, work)
}

async function withTimeout<Value>(
  limits: Limits,
  timeout: Duration,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const expiry = new AbortController()
  const over = new AbortController()
  limits.world.clock.sleep(timeout, over.signal).then(
    () => expiry.abort(timeoutFault(limits)),
    () => {},
  )
  try {
    return await untilCancelled(limits, AbortSignal.any([limits.signal, expiry.signal]), work)
  } finally {
    over.abort()
  }
}

function untilCancelled<Value>(
  limits: Limits,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    let over: AbortController | undefined
    const stopWaiting = onAbort(signal, () => {
      over = new AbortController()
      limits.world.clock.sleep(grace, over.signal).then(
        () => reject(abortFault(signal)),
        () => {},
      )
    })
    const leave = (): void => {
      stopWaiting()
      over?.abort()
    }
    work(signal).then(
      (value) => {
        leave()
        resolve(value)
      },
      (thrown: unknown) => {
        leave()
        // Work that was told to stop reports in its own words; the reason is the one we gave.
        reject(signal.aborted ? abortFault(signal) : thrown)
      },
    )
  })
}

/** Why a signal aborted: the fault it carries (a lease that ended), else a cancel. What was under way may have happened. */
export function abortFault(signal: AbortSignal): Fault {
  const reason = signal.reason instanceof Fault ? signal.reason : fault('engine.cancelled')
  return fault(reason.code, {
    details: reason.details,
    effect: 'unknown',
    retry: reason.code === 'engine.timeout' ? reason.retry : 'never',
  })
}

function timeoutFault(limits: Limits): Fault {
  return fault('engine.timeout', {
    details: { operation: limits.operation, limit: `${(limits.timeout ?? 0) / 1000} s` },
    effect: 'unknown',
    retry: limits.isTimeoutRecoverable ? 'later' : 'never',
  })
}
