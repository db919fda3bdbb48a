// Plays a policy through: backups at regular times, some of them failing, and the policy applied after each.
import type { Duration, Instant } from '../../kernel/duration.ts'
import { fault } from '../../kernel/fault.ts'
import { decideRetention, type Decision } from './decide.ts'
import type { Copy, RetentionPolicy } from './policy.ts'

export interface RetentionSimulation {
  readonly policy: RetentionPolicy
  readonly start: Instant
  readonly every: Duration
  /** How long it goes on. */
  readonly length: Duration
  /** How many of 1 fail; default none. */
  readonly failureRate?: number
  /** Drawn for each backup, from 0 to below 1. */
  readonly chance: () => number
}

export interface SimulatedRetention {
  /** Every backup that was tried, oldest first. */
  readonly taken: readonly { readonly copy: Copy; readonly isKept: boolean }[]
  /** What is there at the end, newest first. */
  readonly kept: readonly Decision[]
  /** How many copies there were after each backup. */
  readonly counts: readonly number[]
}

const mostBackups = 50_000

/** @throws Fault `usage.bad_argument` when it would not end in reasonable time */
export function simulateRetention(simulation: RetentionSimulation): SimulatedRetention {
  const { policy, start, every, length, failureRate = 0, chance } = simulation
  const count = Math.floor(length / every)
  if (!(every > 0) || count < 1 || count > mostBackups) {
    const message = `a simulation makes 1 to ${mostBackups} backups, not ${every > 0 ? count : 'endlessly many'}`
    throw fault('usage.bad_argument', { details: { message } })
  }
  const taken: Copy[] = []
  const counts: number[] = []
  let there: readonly Copy[] = []
  let decisions: readonly Decision[] = []
  for (let number = 0; number < count; number++) {
    const createdAt = start + number * every
    const status = chance() < failureRate ? 'partial' : 'good'
    const copy: Copy = { id: idOf(number), createdAt, status, isVerified: false, isHeld: false, parentIds: [] }
    taken.push(copy)
    decisions = decideRetention(policy, [...there, copy], createdAt).filter(({ action }) => action === 'keep')
    there = decisions.map((decision) => decision.copy)
    counts.push(there.length)
  }
  const kept = new Set(there.map(({ id }) => id))
  return { taken: taken.map((copy) => ({ copy, isKept: kept.has(copy.id) })), kept: decisions, counts }
}

const idOf = (number: number): string => String(number + 1).padStart(6, '0')
