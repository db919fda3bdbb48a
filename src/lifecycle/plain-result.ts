// What an operation returned, as the JSON that a later run will read from the journal: both must see the same.
import { fault } from '../kernel/fault.ts'
import type { Json } from '../kernel/json.ts'
import { wordsOf } from '../kernel/words.ts'

/** @throws Fault `operation.failed` with effect done: the operation itself went well. */
export function plainResult(result: unknown, operation: string): Json {
  if (result === null || result === undefined) return null
  if (typeof result === 'string' || typeof result === 'boolean') return result
  const text = textOf(result, `what '${operation}' returned`)
  return JSON.parse(text) as Json
}

/** The JSON text of a value. `what` names it when there is none. @throws Fault `operation.failed` with effect done */
export function textOf(value: unknown, what: string): string {
  let reason = `a ${typeof value} has no JSON`
  try {
    const text: string | undefined = JSON.stringify(value)
    if (text !== undefined) return text
  } catch (thrown) {
    reason = wordsOf(thrown)
  }
  const message = `${what} cannot be kept as JSON: ${reason}`
  throw fault('operation.failed', { details: { message }, effect: 'done', retry: 'never' })
}
