// What goes wrong on demand: calls that wait, fail or lose their connection, and events that are lost or come twice.
import type { EventName } from '../../../../src/plugins/libvirt/client/events.ts'
import type { ProcedureName } from '../../../../src/plugins/libvirt/client/procedures.ts'
import { VirError } from '../model/vir-error.ts'

/** before: it has had no effect. after: it has, and its answer is not sent yet. */
export type Moment = 'before' | 'after'

interface Which {
  /** Counted from now; 1 is the next one. */
  readonly nth?: number
  /** How many in a row; default 1. */
  readonly times?: number
}

/** Thrown in the daemon to close the connection that asked. */
export class ConnectionDropped extends Error {}

interface Trouble {
  readonly procedure: ProcedureName
  readonly moment: Moment
  seen: number
  readonly from: number
  readonly to: number
  happen(): Promise<void> | void
}

export class Faults {
  readonly #troubles = new Set<Trouble>()
  readonly #copies = new Map<EventName, number>()

  /**
   * The call fails without effect.
   *
   * @example
   * libvirtd.faults.fail('DOMAIN_BACKUP_BEGIN', { code: 38, message: 'No space left on device' })
   */
  fail(procedure: ProcedureName, error: { readonly code: number; readonly message?: string }, which: Which = {}): void {
    this.#add(procedure, 'before', which, () => {
      throw new VirError(error.code, error.message ?? `injected error ${error.code}`)
    })
  }

  /** The connection breaks before the call has its effect, or before its answer is sent. */
  drop(procedure: ProcedureName, moment: Moment, which: Which = {}): void {
    this.#add(procedure, moment, which, () => {
      throw new ConnectionDropped()
    })
  }

  /** Such calls wait until they are let go. `reached` resolves when the first one waits. */
  hold(
    procedure: ProcedureName,
    moment: Moment,
    which: Which = {},
  ): { readonly reached: Promise<void>; letGo(): void } {
    const [reached, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const end = this.#add(procedure, moment, { times: Number.POSITIVE_INFINITY, ...which }, () => {
      reached.resolve()
      return gone.promise
    })
    const letGo = (): void => {
      end()
      gone.resolve()
    }
    return { reached: reached.promise, letGo }
  }

  /** Something happens just before, or just after, the call's effect: a domain is deleted behind our back. */
  when(procedure: ProcedureName, moment: Moment, happen: () => Promise<void> | void, which: Which = {}): void {
    this.#add(procedure, moment, which, happen)
  }

  #add(procedure: ProcedureName, moment: Moment, which: Which, happen: () => Promise<void> | void): () => void {
    const from = which.nth ?? 1
    const trouble = { procedure, moment, seen: 0, from, to: from + (which.times ?? 1) - 1, happen }
    this.#troubles.add(trouble)
    return () => void this.#troubles.delete(trouble)
  }

  /** The daemon asks at every call. */
  async at(procedure: ProcedureName, moment: Moment): Promise<void> {
    const met = [...this.#troubles].filter((one) => one.procedure === procedure && one.moment === moment)
    for (const trouble of met) {
      trouble.seen++
      if (trouble.seen >= trouble.to) this.#troubles.delete(trouble)
      if (trouble.seen >= trouble.from) await trouble.happen()
    }
  }

  loseEvents(name: EventName): void {
    this.#copies.set(name, 0)
  }

  duplicateEvents(name: EventName): void {
    this.#copies.set(name, 2)
  }

  copiesOf(name: EventName | undefined): number {
    return name === undefined ? 1 : (this.#copies.get(name) ?? 1)
  }

  /** From now on everything goes well. Calls that are held stay so. */
  clear(): void {
    this.#troubles.clear()
    this.#copies.clear()
  }
}
