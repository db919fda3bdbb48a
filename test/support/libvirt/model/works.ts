// Works of the daemon that take their time: a test holds them until it lets them go.
import { operationAborted } from './vir-error.ts'

export type Work = 'save' | 'snapshot' | 'revert' | 'backup' | 'commit'

export class Works {
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
    try {
      await Promise.race([aborted.promise, this.#held.get(work)])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}
