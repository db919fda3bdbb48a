// Which works may go on at one domain at the same time. One that has to wait is given up after the daemon's patience.
import { lockTimeout } from './vir-error.ts'

/** What an asynchronous job leaves possible beside itself. */
type Beside = 'nothing' | 'modify'

interface AsyncJob {
  readonly holder: string
  readonly beside: Beside
}

export class DomainJobs {
  readonly #patience: () => number
  #normal: string | undefined
  #async: AsyncJob | undefined
  #agent: string | undefined
  #changed = Promise.withResolvers<void>()

  /** @param patience ms until a waiting call fails with 68 */
  constructor(patience: () => number) {
    this.#patience = patience
  }

  /** Changes of the domain: one at a time, and none beside a job that allows none. */
  async modify<Result>(holder: string, work: () => Result | Promise<Result>): Promise<Result> {
    await this.#until(() => !this.#normal && this.#async?.beside !== 'nothing')
    this.#normal = holder
    try {
      return await work()
    } finally {
      this.#normal = undefined
      this.#tell()
    }
  }

  /** Calls to the guest agent: one at a time. */
  async agent<Result>(holder: string, work: () => Promise<Result>): Promise<Result> {
    await this.#until(
      () => !this.#agent,
      () => `agent=${this.#agent}`,
    )
    this.#agent = holder
    try {
      return await work()
    } finally {
      this.#agent = undefined
      this.#tell()
    }
  }

  /** A job that goes on after the call that began it. Call what it resolves with at its end. */
  async begin(holder: string, beside: Beside): Promise<() => void> {
    await this.#until(() => !this.#normal && !this.#async)
    const job = { holder, beside }
    this.#async = job
    return () => {
      if (this.#async === job) this.#async = undefined
      this.#tell()
    }
  }

  /** A job that ends with its call. */
  async exclusive<Result>(holder: string, work: () => Result | Promise<Result>): Promise<Result> {
    const end = await this.begin(holder, 'nothing')
    try {
      return await work()
    } finally {
      end()
    }
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  async #until(isFree: () => boolean, holder = () => `monitor=${this.#normal ?? this.#async?.holder}`): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<'late'>()
    const timer = isFree() ? undefined : setTimeout(resolve, this.#patience(), 'late')
    try {
      while (!isFree()) {
        const next = await Promise.race([this.#changed.promise, late])
        if (next === 'late') throw lockTimeout(holder())
      }
    } finally {
      clearTimeout(timer)
    }
  }
}
