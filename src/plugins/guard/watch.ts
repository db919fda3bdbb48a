// The heart of every guard program: waits for a lease to end by clocks that nobody can set, and then does its duty. It
// needs nothing from whoever started it: no store, no network, no disk, no living parent.
import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bootId, identityOf, isAlive, type ProcessIdentity } from './process-table.ts'
import { overwriteRecord, readRecord, replaceRecord } from './record-file.ts'
import {
  extensionPath,
  isOf,
  watchName,
  type ExtensionRequest,
  type GuardAnswer,
  type GuardRecord,
  type WatchEnd,
  type WatchName,
  type WatchRequest,
} from './record.ts'

export interface Duties {
  /** The folder that belongs to this guard, for whoever tidies up after it. */
  readonly parcel?: string
  /** Thaws; what it resolves with is written into the marker. Must not reject. `signal`: nobody wants it any more. */
  thaw(firedAt: number, signal: AbortSignal): Promise<string>
  /** Called at the very end, however it came. */
  tidy?(): void
}

/** How often the clocks are looked at; a machine that slept wakes us late by no more than this. */
const lookEvery = 500

/** Reads the request from standard input, answers, and watches. Call it once, as the last thing a program does. */
export function keepWatch<Request extends WatchRequest>(
  dutiesFor: (request: Request, self: ProcessIdentity) => Duties,
): void {
  const request = JSON.parse(readFileSync(0, 'utf8')) as Request
  const self = ownIdentity()
  const watch = new Watch(request, self, dutiesFor(request, self), () => process.exit(0))
  ignoreSignals()
  // Once the lease is over the node must go on, whoever asks us to stop.
  process.on('SIGTERM', () => watch.leave())
  process.on('SIGUSR2', () => watch.extend())
  answer(watch.begin())
}

export const ownIdentity = (): ProcessIdentity =>
  identityOf(process.pid) ?? { pid: process.pid, startTime: 0, bootId: bootId() }

/** Whoever started us may be gone, and its terminal with it. */
export function ignoreSignals(): void {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE'] as const) process.on(signal, () => undefined)
  process.stdout.on('error', () => undefined)
}

/** One line of JSON. */
export function answer(what: GuardAnswer | WatchEnd): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

export class Watch {
  readonly #request: WatchRequest
  readonly #self: WatchName
  readonly #duties: Duties
  readonly #onEnd: () => void
  readonly #marker: string
  readonly #begun = { monotonic: performance.now(), sinceBoot: sinceBoot() }
  readonly #unwanted = new AbortController()
  /** On the watch's own clock. */
  #end: number
  #timer: NodeJS.Timeout | undefined
  #isFiring = false
  #hasEnded = false

  /** `onEnd`: it has fired, or nobody needs it any more. */
  constructor(request: WatchRequest, self: ProcessIdentity, duties: Duties, onEnd: () => void) {
    this.#request = request
    this.#self = { ...self, ...(request.watch === undefined ? {} : { watch: request.watch }) }
    this.#duties = duties
    this.#onEnd = onEnd
    this.#marker = join(request.folder, `${watchName(this.#self)}.fired`)
    this.#end = Math.min(request.lease, request.maximum)
  }

  /** What is to be answered. */
  begin(): GuardAnswer {
    replaceRecord(this.#request.recordPath, this.#record(null, 'armed'))
    this.#look()
    const { watch } = this.#request
    const { pid, startTime } = this.#self
    return { pid, startTime, marker: this.#marker, ...(watch === undefined ? {} : { watch }) }
  }

  /** As the file beside its record asks for it. */
  extend(): void {
    if (this.#isFiring) return
    const path = extensionPath(this.#request.folder, this.#self)
    try {
      const { id, lease } = JSON.parse(readFileSync(path, 'utf8')) as ExtensionRequest
      const end = Math.min(this.#elapsed() + lease, this.#request.maximum)
      // Written down first: what cannot be acknowledged is not granted.
      replaceRecord(this.#request.recordPath, { ...this.#record(null, 'armed'), extension: id })
      this.#end = end
      clearTimeout(this.#timer)
      this.#look()
    } catch {
      // The lease stays as it was, and whoever asked hears nothing.
    } finally {
      rmSync(path, { force: true })
    }
  }

  /** Nobody needs it any more, unless it is thawing; `atOnce`: not even that. */
  leave({ atOnce = false }: { readonly atOnce?: boolean } = {}): void {
    if (this.#isFiring) return atOnce ? this.#unwanted.abort() : undefined
    const current = readRecord(this.#request.recordPath)
    if (isOf(current, this.#self)) rmSync(this.#request.recordPath, { force: true })
    this.#over()
  }

  /** Its lease is over now. */
  fire(): void {
    if (this.#isFiring || this.#hasEnded) return
    clearTimeout(this.#timer)
    void this.#fire()
  }

  #look(): void {
    const left = this.#end - this.#elapsed()
    if (left > 0) this.#timer = setTimeout(() => this.#look(), Math.min(left, lookEvery))
    else this.fire()
  }

  async #fire(): Promise<void> {
    this.#isFiring = true
    if (this.#isRelieved()) return this.#over()
    const firedAt = Date.now()
    this.#claimMarker()
    this.#mark(this.#record(firedAt, 'firing'))
    this.#mark(this.#record(firedAt, await this.#duties.thaw(firedAt, this.#unwanted.signal)))
    this.#over()
  }

  /** A newer freeze, or a newer attempt at this one, has a guard of its own. */
  #isRelieved(): boolean {
    const current = readRecord(this.#request.recordPath)
    if (!current) return false
    if (current.token !== this.#request.token) return true
    return !isOf(current, this.#self) && isAlive(current.guard)
  }

  /** The rename needs no space, and it tells a freeze that is just coming that it has no guard any more. */
  #claimMarker(): void {
    try {
      renameSync(this.#request.recordPath, this.#marker)
    } catch {
      // Somebody cleaned the folder: the thaw matters more than the marker.
    }
  }

  #mark(record: GuardRecord): void {
    try {
      overwriteRecord(this.#marker, record)
    } catch {
      // As above.
    }
  }

  #over(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    clearTimeout(this.#timer)
    this.#duties.tidy?.()
    this.#onEnd()
  }

  #record(firedAt: number | null, outcome: string): GuardRecord {
    const { parcel } = this.#duties
    const { watch, ...guard } = this.#self
    return {
      token: this.#request.token,
      guard,
      firedAt,
      outcome,
      ...(parcel === undefined ? {} : { parcel }),
      ...(watch === undefined ? {} : { watch }),
    }
  }

  /** By the clock that stands still while the machine sleeps or by the one that does not, whichever is ahead. */
  #elapsed(): number {
    return Math.max(performance.now() - this.#begun.monotonic, sinceBoot() - this.#begun.sinceBoot)
  }
}

function sinceBoot(): number {
  return Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000
}
