// Waiting for what a cloud still owes: an operation that was accepted says nothing about the end. Reads until it is as wanted, refuses what has gone
// wrong at once, and gives up at a deadline. A read that fails for a while is read again.
import { seconds, type Duration } from '../../kernel/duration.ts'
import { Fault } from '../../kernel/fault.ts'
import type { Project } from './client/project.ts'
import { errorState, notReached } from './errors.ts'

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

export const defaultDeadline: Duration = seconds(600)
const defaultPause: Duration = 500

/** @throws Fault of `late`, of `check`, or of a read that fails for good */
export async function until<Value>(
  { world, signal }: Pick<Project, 'world' | 'signal'>,
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

/** What a thing is, and what it is to become. Statuses are compared without regard to case. */
export interface StatusWait<Value> extends Pace {
  /** For people: `instance`, `snapshot`. */
  readonly kind: string
  readonly id: string
  readonly wanted: readonly string[]
  /** Default: failed and invalid. */
  readonly failed?: ((status: string) => boolean) | undefined
  status(value: Value): string
  /** Why it failed, in the cloud's words. */
  reason?(value: Value): Promise<string | undefined> | string | undefined
}

/**
 * Reads until the status is as wanted.
 *
 * @throws Fault `gcp.error_state`, `gcp.not_reached`
 */
export async function untilStatus<Value>(
  project: Pick<Project, 'world' | 'signal'>,
  read: () => Promise<Value>,
  wait: StatusWait<Value>,
): Promise<Value> {
  const { kind, id, failed = isFailure } = wait
  const wanted = wait.wanted.map((status) => status.toLowerCase())
  return until(project, read, {
    ...wait,
    isDone: (value) => wanted.includes(wait.status(value).toLowerCase()),
    async check(value) {
      if (!failed(wait.status(value).toLowerCase())) return
      if (wanted.includes(wait.status(value).toLowerCase())) return
      throw errorState(kind, id, wait.status(value), (await wait.reason?.(value)) ?? 'the cloud gives no reason')
    },
    late: (last, limit) =>
      notReached(kind, id, {
        status: last === undefined ? 'not to be read' : wait.status(last),
        wanted: wait.wanted.join(' or '),
        limit,
      }),
  })
}

/**
 * Reads until it is gone.
 *
 * @throws Fault `gcp.error_state`, `gcp.not_reached`
 */
export async function untilGone<Value>(
  project: Pick<Project, 'world' | 'signal'>,
  read: () => Promise<Value | undefined>,
  wait: Omit<StatusWait<Value>, 'wanted'>,
): Promise<void> {
  const { kind, id, failed = isFailure } = wait
  const isGone = (value: Value | undefined): value is undefined =>
    value === undefined || wait.status(value).toLowerCase() === 'deleted'
  await until(project, read, {
    deadline: wait.deadline,
    every: wait.every,
    isDone: isGone,
    async check(value) {
      if (isGone(value) || !failed(wait.status(value).toLowerCase())) return
      throw errorState(
        kind,
        id,
        wait.status(value),
        (await wait.reason?.(value)) ?? 'the cloud could not delete it, and gives no reason',
      )
    },
    late: (last, limit) =>
      notReached(kind, id, {
        status: last === undefined ? 'not to be read' : wait.status(last),
        wanted: 'deleted',
        limit,
      }),
  })
}

/** Of statuses in lower case. */
export function isFailure(status: string): boolean {
  return status === 'failed' || status === 'invalid'
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
