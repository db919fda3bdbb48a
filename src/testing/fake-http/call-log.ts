// What a fake was asked, call after call.
import type { Json } from '../../kernel/json.ts'

/** What every fake knows of a call; each adds what is its own. */
export interface AskedCall<Service extends string = string> {
  readonly service: Service
  readonly method: string
  /** With the ids in it. */
  readonly path: string
  /** For matching: of its route, `POST /zones/:zone/disks/:name/createSnapshot`. */
  readonly name: string
  readonly query: string
  readonly body: Json | undefined
  readonly requestId: string
}

/** What became of a call. */
export interface CallOutcome {
  /** Of this name, from 1. */
  readonly nth: number
  /** undefined until it is answered, and when the connection was dropped instead. */
  readonly status: number | undefined
  /** In ms of a steady clock: when it came and when its answer went. */
  readonly from: number
  readonly to: number | undefined
}

type Draft = { -readonly [Key in keyof CallOutcome]: CallOutcome[Key] }

export class CallLog<Asked extends AskedCall> {
  readonly calls: (Asked & CallOutcome)[] = []
  /** Most calls that were under way at one time. */
  peak = 0
  readonly #counts = new Map<string, number>()
  #now = 0

  opened(call: Asked): Asked & Draft {
    const nth = (this.#counts.get(call.name) ?? 0) + 1
    this.#counts.set(call.name, nth)
    const outcome: Draft = { nth, status: undefined, from: performance.now(), to: undefined }
    const draft = { ...call, ...outcome }
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
