// How long the daemon's works take, and works that a test holds until it lets them go.
import { operationAborted } from './vir-error.ts'

export type Work = 'save' | 'snapshot' | 'revert' | 'backup' | 'commit' | 'copy'

export class Works {
  /** In ms; nothing unless set. */
  readonly durations: Partial<Record<Work, number>> = {}
  readonly #held = new Map<Work, Promise<void>>()

  /**
   * Holds every work of this kind; call what it returns to let them go.
   *
   * @example
   * const letGo = libvirtd.hold('backup')
   */
  hold(work: Work): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#held.set(work, promise)
    return () => {
      this.#held.delete(work)
      resolve()
    }
  }

  /** @throws VirError 78 when the signal fires first */
  async take(work: Work, signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<never>()
    const onAbort = (): void => aborted.reject(operationAborted(`job: canceled by client`))
    aborted.promise.catch(() => {})
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
    const length = this.durations[work] ?? 0
    let timer: NodeJS.Timeout | undefined
    const time = new Promise<void>((resolve) => (length > 0 ? (timer = setTimeout(resolve, length)) : resolve()))
    try {
      await Promise.race([aborted.promise, Promise.all([time, this.#held.get(work)])])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }
}
