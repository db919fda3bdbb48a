// What an invariant is: a pure look at one log that names whatever breaks it.
import type { LogEntry } from './entry.ts'
import type { LogView } from './view.ts'

/** The promises of the README, and `record`: the log itself has to be one that can be believed. */
export const promises = ['thaw', 'order', 'effects', 'resume', 'truth', 'last good', 'nothing left', 'record'] as const
export type PromiseName = (typeof promises)[number]

export interface Finding {
  readonly message: string
  readonly instance?: string | null
  readonly bracket?: string | null
  /** Those that break the rule, in the order of the log. */
  readonly entries: readonly LogEntry[]
}

export interface Rule {
  /** Stable, in kebab-case. */
  readonly id: string
  readonly promise: PromiseName
  /** The claim, in one sentence. */
  readonly claim: string
  /**
   * What a log must have so that the rule says something. `bracket`: moments, or the events `Starting to` and `Done` of
   * freezes, cuts and thaws, which old executions and console logs have, too.
   */
  readonly needs: 'moments' | 'events' | 'bracket' | 'anything'
  check(log: LogView): Iterable<Finding>
}
