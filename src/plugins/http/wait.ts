// Waiting for what a cloud still owes: to have accepted it says nothing about the end. Reads until it is
// as wanted, refuses what has gone wrong at once, and gives up at a deadline. A read that fails for a while is read again.
import { seconds, type Duration } from '../../kernel/duration.ts'
import { Fault } from '../../kernel/fault.ts'
import type { World } from '../../world/world.ts'

/** Whose time it is, and who may end it. */
export interface WaitSite {
  readonly world: World
  readonly signal: AbortSignal
}

export interface Pace {
  /** Default: 10 minutes. */
  readonly deadline?: Duration | undefined
  /** The first pause; later ones grow to ten times of it. Default: 500 ms. */
  readonly every?: Duration | undefined
}

export interface Wait<Value> extends Pace {
  isDone(value: Value): boolean
  /** Throws when waiting on is of no use. */
  check?(value: Value): void | Promise<void>
  /** At the deadline. */
  late(last: Value | undefined, limit: Duration): Fault
}

const defaultDeadline: Duration = seconds(600)
const defaultPause: Duration = 500

/** @throws Fault of `late`, of `check`, or of a read that fails for good */
export async function until<Value>(
  { world, signal }: WaitSite,
  read: () => Promise<Value>,
  { isDone, check, late, deadline: limit = defaultDeadline, every = defaultPause }: Wait<Value>,
): Promise<Value> {
  const end = world.clock.monotonic() + limit
  let last: Value | undefined
  for (let pause = every; ; pause = Math.min(pause * 1.5, every * 10)) {
    signal.throwIfAborted()
    const seen = await tolerant(read)
    if ('value' in seen) {
      last = seen.value
      if (isDone(last)) return last
      await check?.(last)
    }
    const left = end - world.clock.monotonic()
    if (left <= 0) throw 'problem' in seen ? seen.problem : late(last, limit)
    const asked = 'problem' in seen ? (seen.problem.after ?? pause) : pause
    await world.clock.sleep(Math.min(Math.max(asked, pause), left), signal)
  }
}

// Waiting outlives a cloud that is busy or away for a moment: what merely reads may be tried again.
async function tolerant<Value>(
  read: () => Promise<Value>,
): Promise<{ readonly value: Value } | { readonly problem: Fault }> {
  try {
    return { value: await read() }
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.retry !== 'never' && thrown.effect === 'none') return { problem: thrown }
    throw thrown
  }
}
