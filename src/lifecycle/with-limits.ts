// Runs work under a timeout and a cancel signal. Work that heeds neither is left behind after a short grace: what waits
// for it (a thaw above all) must not wait for ever.
import type { Duration } from '../kernel/duration.ts'
import { asFault, fault, Fault } from '../kernel/fault.ts'
import type { World } from '../world/world.ts'

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

export async function withLimits<Value>(limits: Limits, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const own = new AbortController()
  const settled = new AbortController()
  const running = work(own.signal)
  const cut = cutShort(limits, own, settled.signal)
  try {
    return await Promise.race([running, cut.promise])
  } catch (thrown) {
    // Work that was told to stop reports in its own words; the reason is the one we gave.
    throw cut.reason() ?? asFault(thrown)
  } finally {
    settled.abort()
    cut.release()
    running.catch(() => {})
  }
}

function cutShort(
  limits: Limits,
  own: AbortController,
  settled: AbortSignal,
): { promise: Promise<never>; reason(): Fault | undefined; release(): void } {
  const { world, signal, timeout } = limits
  let reason: Fault | undefined
  let fail: (problem: Fault) => void = () => {}
  const promise = new Promise<never>((_resolve, reject) => (fail = reject))
  promise.catch(() => {})
  const stop = (problem: Fault): void => {
    if (reason) return
    reason = problem
    own.abort(problem)
    world.clock.sleep(grace, settled).then(
      () => fail(problem),
      () => {},
    )
  }
  const cancel = (): void => stop(abortFault(signal))
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  if (timeout !== null) {
    const expire = (): void => stop(timeoutFault(limits))
    world.clock.sleep(timeout, settled).then(expire, () => {})
  }
  return { promise, reason: () => reason, release: () => signal.removeEventListener('abort', cancel) }
}

function timeoutFault(limits: Limits): Fault {
  return fault('engine.timeout', {
    details: { operation: limits.operation, limit: `${(limits.timeout ?? 0) / 1000} s` },
    effect: 'unknown',
    retry: limits.isTimeoutRecoverable ? 'later' : 'never',
  })
}

/** Why a signal aborted: the fault it carries (a lease that ended), else a cancel. What was under way may have happened. */
export function abortFault(signal: AbortSignal): Fault {
  const { code, details } = signal.reason instanceof Fault ? signal.reason : fault('engine.cancelled')
  return fault(code, { details, effect: 'unknown', retry: 'never' })
}
