// The heart of every guard program: waits for the lease to end by clocks that nobody can set, and then does its duty.
// It needs nothing from whoever started it: no store, no network, no disk, no living parent.
import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bootId, identityOf, isAlive, isSameProcess, type ProcessIdentity } from './process-table.ts'
import { overwriteRecord, readRecord, replaceRecord } from './record-file.ts'
import {
  extensionPath,
  type ExtensionRequest,
  type GuardAnswer,
  type GuardRecord,
  type WatchRequest,
} from './record.ts'

export interface Duties {
  /** The folder that belongs to this guard, for whoever tidies up after it. */
  readonly parcel?: string
  /** Thaws; what it resolves with is written into the marker. Must not reject. */
  thaw(firedAt: number): Promise<string>
  /** Called at the very end, however it came. */
  tidy?(): void
}

/** How often the clocks are looked at; a machine that slept wakes us late by no more than this. */
const lookEvery = 500

const begun = { monotonic: performance.now(), sinceBoot: sinceBoot() }

/** Reads the request from standard input, answers, and watches. Call it once, as the last thing a program does. */
export function keepWatch<Request extends WatchRequest>(
  dutiesFor: (request: Request, self: ProcessIdentity) => Duties,
): void {
  const request = JSON.parse(readFileSync(0, 'utf8')) as Request
  const self = identityOf(process.pid) ?? { pid: process.pid, startTime: 0, bootId: bootId() }
  new Watch(request, self, dutiesFor(request, self)).begin()
}

class Watch {
  readonly #request: WatchRequest
  readonly #self: ProcessIdentity
  readonly #duties: Duties
  readonly #marker: string
  /** On the guard's own clock. */
  #end: number
  #timer: NodeJS.Timeout | undefined
  #isFiring = false

  constructor(request: WatchRequest, self: ProcessIdentity, duties: Duties) {
    this.#request = request
    this.#self = self
    this.#duties = duties
    this.#marker = join(request.folder, `${self.pid}-${self.startTime}.fired`)
    this.#end = Math.min(request.lease, request.maximum)
  }

  begin(): void {
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE'] as const) process.on(signal, () => undefined)
    // Once the lease is over the node must go on, whoever asks us to stop.
    process.on('SIGTERM', () => !this.#isFiring && this.#leave())
    process.on('SIGUSR2', () => !this.#isFiring && this.#extend())
    replaceRecord(this.#request.recordPath, this.#record(null, 'armed'))
    process.stdout.on('error', () => undefined)
    const { pid, startTime } = this.#self
    process.stdout.write(`${JSON.stringify({ pid, startTime, marker: this.#marker } satisfies GuardAnswer)}\n`)
    this.#look()
  }

  #look(): void {
    const left = this.#end - elapsed()
    if (left > 0) this.#timer = setTimeout(() => this.#look(), Math.min(left, lookEvery))
    else void this.#fire()
  }

  #extend(): void {
    const path = extensionPath(this.#request.folder, this.#self)
    try {
      const { id, lease } = JSON.parse(readFileSync(path, 'utf8')) as ExtensionRequest
      const end = Math.min(elapsed() + lease, this.#request.maximum)
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

  async #fire(): Promise<void> {
    this.#isFiring = true
    if (this.#isRelieved()) return this.#exit()
    const firedAt = Date.now()
    this.#claimMarker()
    this.#mark(this.#record(firedAt, 'firing'))
    this.#mark(this.#record(firedAt, await this.#duties.thaw(firedAt)))
    this.#exit()
  }

  /** A newer freeze, or a newer attempt at this one, has a guard of its own. */
  #isRelieved(): boolean {
    const current = readRecord(this.#request.recordPath)
    if (!current) return false
    if (current.token !== this.#request.token) return true
    return !isSameProcess(current.guard, this.#self) && isAlive(current.guard)
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

  #leave(): void {
    const current = readRecord(this.#request.recordPath)
    if (current && isSameProcess(current.guard, this.#self)) rmSync(this.#request.recordPath, { force: true })
    this.#exit()
  }

  #exit(): never {
    this.#duties.tidy?.()
    process.exit(0)
  }

  #record(firedAt: number | null, outcome: string): GuardRecord {
    const { parcel } = this.#duties
    return {
      token: this.#request.token,
      guard: this.#self,
      firedAt,
      outcome,
      ...(parcel === undefined ? {} : { parcel }),
    }
  }
}

/** By the clock that stands still while the machine sleeps or by the one that does not, whichever is ahead. */
function elapsed(): number {
  return Math.max(performance.now() - begun.monotonic, sinceBoot() - begun.sinceBoot)
}

function sinceBoot(): number {
  return Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000
}
