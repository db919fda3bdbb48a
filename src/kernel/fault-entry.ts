// What the fault table knows of each code, and the few ways in which its parts are written.
import type { Blame, Effect, Retry } from './fault.ts'

export interface FaultEntry {
  /** `{name}` places are filled from the fault's details. */
  readonly message: string
  readonly hint?: string
  readonly blame: Blame
  readonly retry: Retry
  /** Did the outside world change? `varies`: whoever raises it says so. Default: `none`. */
  readonly effect?: Effect | 'varies'
}

export const user = (message: string, hint?: string): FaultEntry => entry('user', 'never', message, hint)
export const ours = (message: string, hint?: string): FaultEntry => entry('us', 'never', message, hint)
export const guest = (retry: Retry, message: string, hint?: string): FaultEntry => entry('guest', retry, message, hint)

export function entry(blame: Blame, retry: Retry, message: string, hint: string | undefined): FaultEntry {
  return hint === undefined ? { message, blame, retry } : { message, hint, blame, retry }
}

export function withEffect(effect: FaultEntry['effect'] & string, known: FaultEntry): FaultEntry {
  return { ...known, effect }
}
