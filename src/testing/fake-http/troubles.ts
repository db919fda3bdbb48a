// Trouble on demand: calls that come late, are refused, lose their connection, before or after they did what they should.
import type { AskedCall } from './call-log.ts'

/** A name as in the log, `POST /zones/:zone/disks/:name/createSnapshot`, or what its name or its path with ids matches. */
export type Which = string | RegExp

export interface Trouble {
  /** The first call of these that has it, counted from now on. Default: 1. */
  readonly nth?: number
  /** How many have it. Default: 1. */
  readonly times?: number
  /** How much later it is done, in ms. */
  readonly delay?: number
  /** It is answered with this, and nothing is done... */
  readonly status?: number
  /** ...or everything is, before the answer. */
  readonly afterEffect?: boolean
  readonly message?: string
  /** In seconds, or a date. */
  readonly retryAfter?: number | string
  /** The connection is gone before or after it was done. */
  readonly drop?: 'before' | 'after'
  /** It is done, and never answered. */
  readonly isHanging?: boolean
  /** Done while the call waits, before its effect: what happens in between. */
  readonly meanwhile?: () => void | Promise<void>
}

export interface Planted {
  /** How many calls had it. */
  readonly hits: number
  /** The first of them has come. */
  readonly reached: Promise<void>
  remove(): void
}

class Plant implements Planted {
  hits = 0
  readonly reached: Promise<void>
  readonly which: Which
  readonly trouble: Trouble
  readonly #reach: () => void
  readonly #remove: (plant: Plant) => void
  #seen = 0

  constructor(which: Which, trouble: Trouble, remove: (plant: Plant) => void) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.reached = promise
    this.#reach = resolve
    this.which = which
    this.trouble = trouble
    this.#remove = remove
  }

  /** It has come to one that is meant. */
  takes(): boolean {
    const { trouble } = this
    this.#seen += 1
    const first = trouble.nth ?? 1
    if (this.#seen < first || this.#seen >= first + (trouble.times ?? 1)) return false
    this.hits += 1
    this.#reach()
    return true
  }

  remove(): void {
    this.#remove(this)
  }
}

export class Troubles<Call extends AskedCall> {
  readonly #plants = new Set<Plant>()
  readonly #line: (call: Call) => string

  /** `line`: a call with the ids in its path, as a RegExp may match it beside its name. */
  constructor(line: (call: Call) => string) {
    this.#line = line
  }

  plant(which: Which, trouble: Trouble): Planted {
    const plant = new Plant(which, trouble, (one) => this.#plants.delete(one))
    this.#plants.add(plant)
    return plant
  }

  clear(): void {
    this.#plants.clear()
  }

  isMeant(which: Which, call: Call): boolean {
    return typeof which === 'string' ? which === call.name : which.test(call.name) || which.test(this.#line(call))
  }

  /** All that a call has; every one counts it. */
  of(call: Call): readonly Trouble[] {
    return [...this.#plants]
      .filter((plant) => this.isMeant(plant.which, call) && plant.takes())
      .map(({ trouble }) => trouble)
  }
}

/** What a planted refusal says, where nothing else was planted. */
export const plantedMessage = 'the fake was told to refuse it'

export function plantedHeaders({ retryAfter }: Trouble): Readonly<Record<string, string>> {
  return retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
}
