// Whether, and when, a failed attempt is followed by another: a pure decision with its reason.
import type { Duration, Instant } from '../kernel/duration.ts'
import type { Fault } from '../kernel/fault.ts'

export interface RetryPolicy {
  /** Retries after the first attempt; -1: no limit. */
  readonly retries: number
  readonly interval: Duration
}

export type RetryDecision =
  | { readonly again: true; readonly after: Duration }
  | { readonly again: false; readonly reason: 'never' | 'exhausted' | 'deadline' }

export interface AttemptState {
  /** Attempts made so far. */
  readonly attempt: number
  readonly now: Instant
  /** No attempt may begin after it: inside a bracket the nodes are frozen all the while. */
  readonly deadline: Instant | undefined
}

export function decideRetry(policy: RetryPolicy, fault: Fault, state: AttemptState): RetryDecision {
  if (fault.retry === 'never') return { again: false, reason: 'never' }
  if (policy.retries >= 0 && state.attempt > policy.retries) return { again: false, reason: 'exhausted' }
  const after = fault.after ?? (fault.retry === 'now' ? 0 : policy.interval)
  if (state.deadline !== undefined && state.now + after >= state.deadline) return { again: false, reason: 'deadline' }
  return { again: true, after }
}
