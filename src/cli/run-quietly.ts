// Runs what has a result of its own to show, by executions whose events matter only with --verbose. Ctrl-C cancels, a
// second one leaves.
import type { StartOptions } from '../engine/api.ts'
import type { Call } from './call.ts'
import { eventLine } from './event-line.ts'

type Hooks = Required<Pick<StartOptions, 'onEvent' | 'onStarted' | 'signal'>>

/** undefined: left by a second Ctrl-C. */
export async function runQuietly<Result>(
  call: Call,
  work: (hooks: Hooks) => Promise<Result>,
): Promise<Result | undefined> {
  const cancelling = new AbortController()
  const { promise: left, resolve: leave } = Promise.withResolvers<undefined>()
  let execution = ''
  const stop = call.host.onInterrupt(() => {
    if (cancelling.signal.aborted) {
      call.host.stderr.write(`Leaving. Carry it on with: fermata executions resume ${execution}\n`)
      return leave(undefined)
    }
    call.host.stderr.write('Cancelling. Ctrl-C again leaves at once.\n')
    cancelling.abort()
  })
  try {
    const running = work({
      signal: cancelling.signal,
      onStarted: ({ id }) => void (execution = id),
      onEvent: (event) => {
        if (call.isVerbose && !call.isJson) call.print(eventLine(event, call.paint))
      },
    })
    return await Promise.race([running, left])
  } finally {
    stop()
  }
}
