// What is due when: a heap by time. Events of the same time come in an order drawn from the seed, not in that of their
// making, so that no run relies on who was first.
import type { Instant } from '../../kernel/duration.ts'
import type { Random } from './random.ts'

export interface Due {
  readonly at: Instant
  readonly tie: number
  isCancelled: boolean
  run(): void
}

export class EventQueue {
  readonly #random: Random
  readonly #heap: Due[] = []

  constructor(random: Random) {
    this.#random = random
  }

  get size(): number {
    return this.#heap.length
  }

  add(at: Instant, run: () => void): Due {
    const due: Due = { at, tie: this.#random.next(), isCancelled: false, run }
    this.#heap.push(due)
    this.#rise(this.#heap.length - 1)
    return due
  }

  /** When the next is due that was not cancelled. */
  get next(): Instant | undefined {
    while (this.#heap[0]?.isCancelled) this.#removeFirst()
    return this.#heap[0]?.at
  }

  /** Takes that one. */
  take(): Due | undefined {
    return this.next === undefined ? undefined : this.#removeFirst()
  }

  #removeFirst(): Due | undefined {
    const first = this.#heap[0]
    if (!first) return undefined
    const last = this.#heap.pop() as Due
    if (this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink(0)
    }
    return first
  }

  #rise(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #sink(from: number): void {
    let at = from
    for (;;) {
      const left = 2 * at + 1
      const right = left + 1
      let least = at
      if (left < this.#heap.length && this.#isBefore(left, least)) least = left
      if (right < this.#heap.length && this.#isBefore(right, least)) least = right
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }

  #isBefore(left: number, right: number): boolean {
    const [one, other] = [this.#heap[left] as Due, this.#heap[right] as Due]
    return one.at < other.at || (one.at === other.at && one.tie < other.tie)
  }

  #swap(left: number, right: number): void {
    const kept = this.#heap[left] as Due
    this.#heap[left] = this.#heap[right] as Due
    this.#heap[right] = kept
  }
}
