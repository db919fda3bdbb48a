// Several things at the same time, of which none is left alone: what fails is told when all have come to their end.
import { asFault, withEffect } from '../../../kernel/fault.ts'

/** @throws what failed first, with an effect when another one has come to something */
export async function allDone<Value>(works: readonly Promise<Value>[]): Promise<readonly Value[]> {
  const ends = await Promise.allSettled(works)
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed === undefined) return ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  if (ends.every((end) => end.status === 'rejected')) throw failed.reason
  const problem = asFault(failed.reason)
  throw problem.effect === 'none' ? withEffect(problem, 'unknown') : failed.reason
}
