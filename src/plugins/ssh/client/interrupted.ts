// Waiting that ends early when a signal says so, and leaves nothing behind on signals that live longer than the wait.

/** When the signal aborts, the wait rejects with what `problem` makes of its reason. */
export interface Interruption {
  readonly signal: AbortSignal
  problem?(reason: unknown): unknown
}

/**
 * What `work` gives, unless one of the signals aborts first. A value that comes after that is handed to `discard`.
 * Promise.race would keep every value for as long as a connection lives.
 */
export function unlessInterrupted<Value>(
  work: Promise<Value>,
  interruptions: readonly Interruption[],
  discard?: (late: Value) => void,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    let isOver = false
    const listeners = interruptions.map(({ signal, problem }) => {
      const interrupt = (): void => settle(() => reject(problem ? problem(signal.reason) : signal.reason))
      return { signal, interrupt }
    })
    const settle = (tell: () => void): void => {
      if (isOver) return
      isOver = true
      for (const { signal, interrupt } of listeners) signal.removeEventListener('abort', interrupt)
      tell()
    }
    work.then(
      (value) => {
        if (isOver) discard?.(value)
        else settle(() => resolve(value))
      },
      (problem: unknown) => settle(() => reject(problem)),
    )
    for (const { signal, interrupt } of listeners) {
      if (signal.aborted) interrupt()
      else signal.addEventListener('abort', interrupt, { once: true })
    }
  })
}
