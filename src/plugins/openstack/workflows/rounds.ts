// Work that changes something only for its own time, and puts it back at its end, whatever the end: also after a cancel, and when
// it is carried on by another process. Each attempt is a round whose steps have names of their own.
import { asFault, type Fault } from '../../../kernel/fault.ts'
import type { Json } from '../../../kernel/json.ts'
import type { Run } from '../../contract/workflow.ts'

/** `round`: part of the keys of what is to be done anew in each. */
export interface Round<Value> {
  work(round: number): Promise<Value>
  /** After it, or after as much of it as there was. */
  putBack?(round: number): Promise<Json>
  /** What came of it, when that takes longer. */
  check?(value: Value, round: number): Promise<unknown>
  /** Removes what it made, when it came to nothing. */
  undo?(round: number): Promise<unknown>
}

/**
 * Done once: whoever carries it on is given the result, and what putting back returned.
 *
 * @throws what putting back throws, or else what the work does
 */
export async function inRounds<Value extends Json>(
  run: Run,
  key: string,
  round: Round<Value>,
): Promise<{ readonly value: Value; readonly put: Json }> {
  const { value, put, isPutBack } = await run.step(key, ({ attempt }) => oneRound(run, round, attempt))
  // What there is, is not made anew only because of that.
  return { value, put: isPutBack ? put : ((await round.putBack?.(0)) ?? null) }
}

async function oneRound<Value extends Json>(
  run: Run,
  { work, putBack, check, undo }: Round<Value>,
  round: number,
): Promise<{ readonly value: Value; readonly put: Json; readonly isPutBack: boolean }> {
  const worked = await settled(work(round))
  const put = await settled(Promise.resolve(putBack?.(round)))
  const checked = 'value' in worked ? await settled(Promise.resolve(check?.(worked.value, round))) : worked
  if ('value' in worked && 'value' in checked) {
    return { value: worked.value, put: 'value' in put ? (put.value ?? null) : null, isPutBack: 'value' in put }
  }
  const undone = await settled(Promise.resolve(undo?.(round)))
  if ('problem' in undone) run.log.error(`What was made for it may be left: ${undone.problem.message}`)
  // What is still off is worse than what has failed.
  throw [put, worked, checked].find((one) => 'problem' in one)?.problem ?? new Error('nothing has failed')
}

async function settled<Value>(work: Promise<Value>): Promise<{ readonly value: Value } | { readonly problem: Fault }> {
  try {
    return { value: await work }
  } catch (thrown) {
    return { problem: asFault(thrown) }
  }
}
