// The writer in a simulated guest: numbered records onto a disk, each with its number on the console, for as long as the
// guest runs and the disk's file system is not frozen. So a test sees from inside what a snapshot may hold.
import { appendFileSync } from 'node:fs'

export interface WriterSite {
  readonly console: string
  canWrite(device: string): boolean
  /** Blocks of the disk that the guest has mounted. */
  write(device: string, blocks: readonly (readonly [number, string])[]): void
}

/** Records go round over this many blocks, so that older ones are overwritten. */
const ring = 16

export class Writer {
  readonly device: string
  readonly #site: WriterSite
  #timer: NodeJS.Timeout | undefined
  #last = 0

  constructor(site: WriterSite, device: string) {
    this.#site = site
    this.device = device
  }

  /** The number of the newest record. */
  get last(): number {
    return this.#last
  }

  set last(number: number) {
    this.#last = number
  }

  /** Writes one record now, unless the guest stands still. */
  write(): boolean {
    if (!this.#site.canWrite(this.device)) return false
    const number = ++this.#last
    this.#site.write(this.device, [
      [0, `last ${number}`],
      [1 + (number % ring), `record ${number}`],
    ])
    appendFileSync(this.#site.console, `LAB w ${number}\n`)
    return true
  }

  /** Goes on writing by itself. */
  start(every: number): void {
    this.stop()
    this.#timer = setInterval(() => this.write(), every)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
