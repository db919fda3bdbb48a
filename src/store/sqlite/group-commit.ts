// Gathers commits while one is under way and hands them on as one group: many small commits cost one wait for the disk.
import { StoreConflict, type Write } from '../store.ts'
import type { Fault } from '../../kernel/fault.ts'
import type { Outcome } from './group-writer.ts'

interface Pending {
  readonly writes: readonly Write[]
  resolve(): void
  reject(reason: Error): void
}

/** Carries groups to whoever writes them; an outcome per group, in order. */
export type Apply = (groups: readonly (readonly Write[])[]) => Promise<readonly Outcome[]>

/** Groups handed on and not yet answered. Two keep the writer busy while the next one gathers. */
const mostUnderWay = 2
/** Rows of one group: whoever waits for the first of many should not wait for the last. */
const mostRows = 600

export class GroupCommit {
  readonly #apply: Apply
  readonly #toFault: (code: number, message: string) => Fault
  #pending: Pending[] = []
  #underWay = 0
  #isGathering = false
  #waiters: (() => void)[] = []

  constructor(apply: Apply, toFault: (code: number, message: string) => Fault) {
    this.#apply = apply
    this.#toFault = toFault
  }

  commit(writes: readonly Write[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ writes, resolve, reject })
      this.#gather()
    })
  }

  /** Resolves when nothing is waiting any more. */
  async idle(): Promise<void> {
    if (this.#underWay > 0 || this.#pending.length > 0)
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  // Lets everything that is ready in this turn join the group.
  #gather(): void {
    if (this.#isGathering || this.#underWay >= mostUnderWay || this.#pending.length === 0) return
    this.#isGathering = true
    setImmediate(() => {
      this.#isGathering = false
      void this.#write(this.#take())
      this.#gather()
    })
  }

  #take(): readonly Pending[] {
    let rows = 0
    const end = this.#pending.findIndex(({ writes }) => (rows += rowsIn(writes)) > mostRows)
    return this.#pending.splice(0, end === -1 ? this.#pending.length : Math.max(end, 1))
  }

  async #write(group: readonly Pending[]): Promise<void> {
    this.#underWay++
    try {
      const outcomes = await this.#apply(group.map((one) => one.writes))
      for (const [index, one] of group.entries()) this.#settle(one, outcomes[index])
    } catch (problem) {
      for (const one of group) one.reject(problem as Error)
    }
    this.#underWay--
    this.#gather()
    if (this.#underWay === 0 && this.#pending.length === 0) for (const waiter of this.#waiters.splice(0)) waiter()
  }

  #settle(one: Pending, outcome: Outcome | undefined): void {
    if (!outcome) one.reject(this.#toFault(0, 'no outcome came back'))
    else if (outcome.ok) one.resolve()
    else if (outcome.conflict) one.reject(new StoreConflict(outcome.message))
    else one.reject(this.#toFault(outcome.code, outcome.message))
  }
}

function rowsIn(writes: readonly Write[]): number {
  return writes.reduce((sum, { rows }) => sum + rows.length, 0)
}
