// What the journal holds of a round as a whole. `backup#2` is the second round of the bracket `backup`.
import type { Json } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { Journal } from './journal.ts'

export type BracketView = NonNullable<OperationContext['bracket']>

export const roundName = (bracket: string, count: number): string => `${bracket}#${count}`

/** What operations of a round are told of their bracket, also when another process has begun it. */
export function bracketViewOf(journal: Journal, round: string): BracketView {
  const opened = journal.step(openedKey(round))?.result
  const plan = opened ? (JSON.parse(opened) as { readonly purpose?: Json }) : {}
  return { name: round.replace(/#\d+$/, ''), purpose: plan.purpose === 'replace' ? 'replace' : 'save' }
}

export const openedKey = (round: string): string => `${round}/opened`
export const thawedKey = (round: string): string => `${round}/thawed`
export const abandonedKey = (round: string): string => `${round}/abandoned`
export const settledKey = (round: string): string => `${round}/settled`
