// What the fake was asked, call after call.
import type { Json } from '../../../../src/kernel/json.ts'
import type { Service } from './answer.ts'

export interface LoggedCall {
  readonly service: Service
  readonly method: string
  /** With the ids in it. */
  readonly path: string
  /** For matching: `compute POST /servers/:id/action createImage`. */
  readonly name: string
  /** Of this name, from 1. */
  readonly nth: number
  readonly query: string
  readonly body: Json | undefined
  /** As it was sent; undefined when it was not. */
  readonly microversion: string | undefined
  readonly requestId: string
  /** undefined until it is answered, and when the connection was dropped instead. */
  readonly status: number | undefined
  /** In ms of a steady clock: when it came and when its answer went. */
  readonly from: number
  readonly to: number | undefined
}

type Draft = { -readonly [Key in keyof LoggedCall]: LoggedCall[Key] }

export class CallLog {
  readonly calls: LoggedCall[] = []
  /** Most calls that were under way at one time. */
  peak = 0
  readonly #counts = new Map<string, number>()
  #now = 0

  opened(call: Omit<LoggedCall, 'nth' | 'status' | 'from' | 'to'>): Draft {
    const nth = (this.#counts.get(call.name) ?? 0) + 1
    this.#counts.set(call.name, nth)
    const draft: Draft = { ...call, nth, status: undefined, from: performance.now(), to: undefined }
    this.calls.push(draft)
    this.#now += 1
    this.peak = Math.max(this.peak, this.#now)
    return draft
  }

  closed(draft: Draft, status: number | undefined): void {
    draft.status = status
    draft.to = performance.now()
    this.#now -= 1
  }
}
