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

export class GroupCommit {
  readonly #apply: Apply
  readonly #toFault: (code: number, message: string) => Fault
  #pending: Pending[] = []
  #running: Promise<void> | undefined

  constructor(apply: Apply, toFault: (code: number, message: string) => Fault) {
    this.#apply = apply
    this.#toFault = toFault
  }

  commit(writes: readonly Write[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ writes, resolve, reject })
      this.#running ??= this.#drain()
    })
  }

  /** Resolves when nothing is waiting any more. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #drain(): Promise<void> {
    // Let everything that is ready in this turn join the first group.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#pending.length > 0) {
      const group = this.#pending
      this.#pending = []
      await this.#write(group)
    }
    this.#running = undefined
  }

  async #write(group: readonly Pending[]): Promise<void> {
    try {
      const outcomes = await this.#apply(group.map((one) => one.writes))
      for (const [index, one] of group.entries()) this.#settle(one, outcomes[index])
    } catch (problem) {
      for (const one of group) one.reject(problem as Error)
    }
  }

  #settle(one: Pending, outcome: Outcome | undefined): void {
    if (!outcome || outcome.ok) one.resolve()
    else if (outcome.conflict) one.reject(new StoreConflict(outcome.message))
    else one.reject(this.#toFault(outcome.code, outcome.message))
  }
}
