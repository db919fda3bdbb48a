// What the fake was asked, call after call.
import type { Json } from '../../../kernel/json.ts'

export interface LoggedCall {
  /** `identity`: what gives tokens. */
  readonly service: 'identity' | 'compute'
  readonly method: string
  /** With the ids in it. */
  readonly path: string
  /** For matching: `POST /zones/:zone/disks/:name/createSnapshot`. */
  readonly name: string
  /** Of this name, from 1. */
  readonly nth: number
  readonly query: string
  readonly body: Json | undefined
  /** Of the API: `v1`; undefined: it was none of its calls. */
  readonly version: string | undefined
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
  readonly #counts = new Map<string, number>()

  opened(call: Omit<LoggedCall, 'nth' | 'status' | 'from' | 'to'>): Draft {
    const nth = (this.#counts.get(call.name) ?? 0) + 1
    this.#counts.set(call.name, nth)
    const draft: Draft = { ...call, nth, status: undefined, from: performance.now(), to: undefined }
    this.calls.push(draft)
    return draft
  }

  closed(draft: Draft, status: number | undefined): void {
    draft.status = status
    draft.to = performance.now()
  }
}
