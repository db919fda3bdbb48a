// Lets faults happen where the plan of the run says so, and keeps a record of everything that was passed.
import type { Instant } from '../../kernel/duration.ts'
import { canStrike, type FaultKind, type SimulatedFault } from './fault-plan.ts'
import type { Passage, Phase } from './passage.ts'

/** A fault that happened. */
export interface Strike {
  readonly fault: SimulatedFault
  readonly passage: Passage
}

export interface Stop {
  readonly life: number
  readonly phase: Phase | null
  readonly kind: Passage['kind']
  readonly name: string
  readonly moment: Passage['moment']
  readonly node: string | null
  readonly at: Instant
}

interface Watched {
  readonly fault: SimulatedFault
  seen: number
  struck: number
}

export class Conductor {
  readonly passages: Passage[] = []
  readonly strikes: Strike[] = []
  readonly #watched: readonly Watched[]
  #isOn = false
  #phase: Phase = 'record'
  #life = 0
  #index = 0

  constructor(faults: readonly SimulatedFault[]) {
    this.#watched = faults.map((fault) => ({ fault, seen: 0, struck: 0 }))
  }

  /** Before it, and after it ends, nothing goes wrong and nothing is noted. */
  begin(): void {
    this.#isOn = true
  }

  end(): void {
    this.#isOn = false
  }

  /** True once no fault of these kinds can happen any more. */
  isOver(kinds: readonly FaultKind[]): boolean {
    return !this.#isOn || this.#watched.every(({ fault, struck }) => !kinds.includes(fault.kind) || struck > 0)
  }

  /** Notes the passage, and tells which faults happen at it. */
  pass(stop: Stop): readonly Strike[] {
    if (!this.#isOn) return []
    if (stop.life !== this.#life) {
      this.#life = stop.life
      this.#index = 0
    }
    this.#phase = stop.phase ?? this.#phase
    const passage: Passage = { ...stop, phase: this.#phase, index: ++this.#index }
    this.passages.push(passage)
    const struck = this.#watched
      .filter((watched) => this.#strikes(watched, passage))
      .map(({ fault }) => ({ fault, passage }))
    this.strikes.push(...struck)
    return struck
  }

  #strikes(watched: Watched, passage: Passage): boolean {
    const { fault } = watched
    const { at, times = 1 } = fault
    if (watched.struck >= times || (at.life !== undefined && at.life !== passage.life)) return false
    if (!canStrike(fault.kind, passage)) return false
    if (watched.struck === 0 && !this.#isReached(watched, passage)) return false
    watched.struck++
    return true
  }

  #isReached(watched: Watched, passage: Passage): boolean {
    const { at } = watched.fault
    if ('index' in at) return passage.index === at.index
    const isMeant = 'point' in at ? passage.kind === 'point' && passage.name === at.point : passage.phase === at.phase
    if (!isMeant) return false
    watched.seen++
    return watched.seen === ('point' in at ? at.ordinal : at.step)
  }
}
