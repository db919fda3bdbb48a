// What the journal holds of a round as a whole. `backup#2` is the second round of the bracket `backup`.
import type { Json } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { Journal } from './journal.ts'

export type BracketView = NonNullable<OperationContext['bracket']>

export const roundName = (bracket: string, count: number): string => `${bracket}#${count}`

/** The step that keeps what a bracket came to, for whoever looks at the execution later. */
export const outcomeKey = (bracket: string): string => `bracket-outcome/${bracket}`

/** Why a member is not frozen although it does fs_prepare. */
export interface LeftOut {
  readonly [key: string]: Json
  readonly policy: 'prefer' | 'skip' | 'degrade'
  readonly reason: string
  /** It has no freeze of its own, and is no more missed than one without fs_prepare. */
  readonly isUnasked?: true
}

/** What was decided when the round was opened; on disk before anything is frozen. */
export interface RoundPlan {
  readonly purpose: BracketView['purpose']
  /** Ids of those to be cut; null: everybody that the bracket names. */
  readonly cuts: readonly string[] | null
  readonly left: Readonly<Record<string, LeftOut>>
}

export function roundPlanOf(journal: Journal, round: string): RoundPlan | undefined {
  const result = journal.step(openedKey(round))?.result
  return result ? (JSON.parse(result) as RoundPlan) : undefined
}

/** What operations of a round are told of their bracket, also when another process has begun it. */
export function bracketViewOf(journal: Journal, round: string): BracketView {
  return { name: round.replace(/#\d+$/, ''), purpose: roundPlanOf(journal, round)?.purpose ?? 'save' }
}

const openedKey = (round: string): string => `${round}/opened`

/** How far a round has come. Marks are on disk with the next flush. */
export class RoundRecord {
  readonly name: string
  readonly #journal: Journal

  constructor(journal: Journal, name: string) {
    this.#journal = journal
    this.name = name
  }

  get plan(): RoundPlan | undefined {
    return roundPlanOf(this.#journal, this.name)
  }

  get hasBegun(): boolean {
    return this.#journal.stepsUnder(`${this.name}/`).length > 0
  }

  get isThawed(): boolean {
    return this.#has('thawed')
  }

  get isAbandoned(): boolean {
    return this.#has('abandoned')
  }

  /** What failed is taken back, and final in this round. */
  get isSettled(): boolean {
    return this.#has('settled')
  }

  open(plan: RoundPlan, told: OpenedMoment): void {
    this.#journal.done(openedKey(this.name), 1, plan as unknown as Json)
    this.#journal.trace({ type: 'bracket.opened', bracket: this.name, purpose: plan.purpose, ...told })
    for (const [instance, { policy, reason }] of Object.entries(plan.left))
      this.#journal.trace({ type: 'freeze.left', instance, bracket: this.name, policy, reason })
  }

  markThawed(): void {
    this.#mark('thawed')
    this.#journal.trace({ type: 'bracket.thawed', bracket: this.name })
  }

  markSettled(): void {
    this.#mark('settled')
  }

  markAbandoned(): void {
    this.#mark('abandoned')
    this.#journal.trace({ type: 'bracket.abandoned', bracket: this.name })
  }

  /** A member is thawed before the round is: the cuts that are done by now still fell into its freeze. */
  markLetGo(instanceId: string): void {
    const prefix = `${this.name}/cut/`
    const done = this.#journal.stepsUnder(prefix).filter(({ state }) => state === 'done')
    const ids = done.map(({ key }) => key.slice(prefix.length))
    this.#journal.done(`${this.name}/let-go/${instanceId}`, 1, ids)
  }

  /** Ids of those whose cut was done when the member was let go; undefined when it was thawed with all others. */
  cutsBefore(instanceId: string): ReadonlySet<string> | undefined {
    const result = this.#journal.step(`${this.name}/let-go/${instanceId}`)?.result
    return result ? new Set(JSON.parse(result) as readonly string[]) : undefined
  }

  #has(what: string): boolean {
    return this.#journal.step(`${this.name}/${what}`) !== undefined
  }

  #mark(what: string): void {
    this.#journal.done(`${this.name}/${what}`, 1, null)
  }
}

interface OpenedMoment {
  readonly tiers: Json
  readonly cuts: Json
  readonly groups: Json
}
