// So many requests on their way at a time: the others wait, and whoever no longer wants to leaves.
import type PQueue from 'p-queue'

export interface Turn {
  readonly signal: AbortSignal
  /** Before all who are not. */
  readonly isUrgent?: boolean
}

/** Once it is sent, its turn lasts as long as the request. @throws the signal's reason when nothing was sent */
export async function inTurn<Answer>(
  turns: PQueue,
  { signal, isUrgent = false }: Turn,
  send: () => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted()
  let isSent = false
  // What is sent ends with the request's own signal, not with this one.
  const leaving = new AbortController()
  const leave = (): void => {
    if (!isSent) leaving.abort(signal.reason)
  }
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await turns.add(
      async () => {
        isSent = true
        return send()
      },
      { priority: isUrgent ? 1 : 0, signal: leaving.signal },
    )
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
