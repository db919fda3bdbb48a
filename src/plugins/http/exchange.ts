// One request over HTTP, sent once, and its answer: within a deadline that counts the whole of it.
import { request as send, type Agent } from 'undici'
import type { Duration } from '../../kernel/duration.ts'
import type { World } from '../../world/world.ts'
import { rawAnswer, type AnswerLimit, type RawAnswer } from './answer.ts'
import { brokenOff, noAnswer, type HttpCall } from './network-faults.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface HttpRequest {
  readonly call: HttpCall
  readonly method: Method
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
  readonly signal: AbortSignal
  readonly deadline: Duration
}

export interface Way extends AnswerLimit {
  readonly world: World
  readonly agent: Agent
}

/** @throws Fault `codes.*`; the signal's reason when nothing can have happened */
export async function exchange(
  { world, agent, ...limit }: Way,
  { call, method, url, headers, body, signal, deadline }: HttpRequest,
): Promise<RawAnswer> {
  const late = new AbortController()
  const done = new AbortController()
  world.clock.sleep(deadline, done.signal).then(
    () => late.abort(),
    () => {},
  )
  try {
    const answer = await send(url, {
      method,
      headers,
      dispatcher: agent,
      signal: AbortSignal.any([signal, late.signal]),
      ...(body === undefined ? {} : { body: body as string }),
    })
    return await rawAnswer(answer, call, limit)
  } catch (thrown) {
    if (late.signal.aborted) throw noAnswer(limit.codes, call, deadline)
    throw brokenOff(limit.codes, call, thrown, signal)
  } finally {
    // With a reason: the usual one is an error with a stack, for each call.
    done.abort('over')
  }
}
