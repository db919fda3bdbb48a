// Follows a path into properties; a function met on the way is evaluated, and the path goes on in what it gave.
import type { Json } from '../../kernel/json.ts'
import { dotted, follow, isMiss, type PathMiss } from './arguments.ts'
import { readCall } from './call.ts'
import type { Call, Evaluation, Speaker } from './function.ts'

/** `key` names the properties, so that circles are seen. Functions left in the value are evaluated as well. */
export function* followEvaluated(
  properties: Json,
  path: readonly Json[],
  key: string,
  speaker: Speaker,
  call: Call,
): Evaluation<{ readonly value: Json } | PathMiss> {
  let value = properties
  for (const [index, part] of path.entries()) {
    const found = follow(value, [part])
    const at = dotted(path.slice(0, index + 1))
    if (isMiss(found)) return { at, reason: found.reason }
    value = found.value
    if (readCall(value) === undefined) continue
    value = yield* call.again(value, `${key}.${at}`, speaker)
    // Left for later: nothing can be looked up in it now.
    if (readCall(value) !== undefined) return { value }
  }
  return { value: yield* call.again(value, `${key}.${dotted(path)}`, speaker) }
}
