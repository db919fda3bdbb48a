// One listener per signal however many wait for it: thousands of operations share the signal of their execution, and
// adding a listener of their own for each would cost more than many of them do.

const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `callback` when the signal aborts, or at once when it has. Returns what takes the callback back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback()
    return () => {}
  }
  const callbacks = waiting.get(signal) ?? listen(signal)
  callbacks.add(callback)
  return () => callbacks.delete(callback)
}

function listen(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>()
  waiting.set(signal, callbacks)
  signal.addEventListener('abort', () => callbacks.forEach((callback) => callback()), { once: true })
  return callbacks
}
