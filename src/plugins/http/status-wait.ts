// Waiting for a thing that has a status: until it is as wanted, or gone.
import type { Duration } from '../../kernel/duration.ts'
import type { Fault } from '../../kernel/fault.ts'
import { until, type Pace, type WaitSite } from './wait.ts'

/** What a thing is, and what it is to become. Statuses are compared without regard to case. */
export interface StatusWait<Value> extends Pace {
  /** For people: `server`, `snapshot`. */
  readonly kind: string
  readonly id: string
  readonly wanted: readonly string[]
  /** Of statuses in lower case. Default: what the provider says of all its things. */
  readonly failed?: ((status: string) => boolean) | undefined
  /** Must be gone as well: a server's task. */
  readonly task?: ((value: Value) => string | null | undefined) | undefined
  status(value: Value): string
  /** Why it failed, in the cloud's words. */
  reason?(value: Value): Promise<string | undefined> | string | undefined
}

/** How things of one provider end, and what it is called. */
export interface Endings {
  /** Of statuses in lower case. */
  isFailure(status: string): boolean
  errorState(kind: string, id: string, status: string, reason: string): Fault
  notReached(
    kind: string,
    id: string,
    found: { readonly status: string; readonly wanted: string; readonly limit: Duration },
  ): Fault
}

export interface StatusWaits {
  /**
   * Reads until the status is as wanted and no task is under way.
   *
   * @throws Fault `errorState`, `notReached`
   */
  untilStatus<Value>(site: WaitSite, read: () => Promise<Value>, wait: StatusWait<Value>): Promise<Value>
  /**
   * Reads until it is gone.
   *
   * @throws Fault `errorState`, `notReached`
   */
  untilGone<Value>(
    site: WaitSite,
    read: () => Promise<Value | undefined>,
    wait: Omit<StatusWait<Value>, 'wanted' | 'task'>,
  ): Promise<void>
}

export function statusWaits(endings: Endings): StatusWaits {
  return {
    untilStatus: (site, read, wait) => untilStatus(endings, site, read, wait),
    untilGone: (site, read, wait) => untilGone(endings, site, read, wait),
  }
}

async function untilStatus<Value>(
  { isFailure, errorState, notReached }: Endings,
  site: WaitSite,
  read: () => Promise<Value>,
  wait: StatusWait<Value>,
): Promise<Value> {
  const { kind, id, failed = isFailure, task } = wait
  const wanted = wait.wanted.map((status) => status.toLowerCase())
  const shown = (value: Value): string => {
    const under = task?.(value)
    return `${wait.status(value)}${under ? ` (${under})` : ''}`
  }
  return until(site, read, {
    ...wait,
    isDone: (value) => wanted.includes(wait.status(value).toLowerCase()) && !task?.(value),
    async check(value) {
      if (!failed(wait.status(value).toLowerCase())) return
      if (wanted.includes(wait.status(value).toLowerCase())) return
      throw errorState(kind, id, shown(value), (await wait.reason?.(value)) ?? 'the cloud gives no reason')
    },
    late: (last, limit) =>
      notReached(kind, id, {
        status: last === undefined ? 'not to be read' : shown(last),
        wanted: wait.wanted.join(' or '),
        limit,
      }),
  })
}

async function untilGone<Value>(
  { isFailure, errorState, notReached }: Endings,
  site: WaitSite,
  read: () => Promise<Value | undefined>,
  wait: Omit<StatusWait<Value>, 'wanted' | 'task'>,
): Promise<void> {
  const { kind, id, failed = isFailure } = wait
  const isGone = (value: Value | undefined): value is undefined =>
    value === undefined || wait.status(value).toLowerCase() === 'deleted'
  await until(site, read, {
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
