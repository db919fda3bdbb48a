// merge: puts dicts together; of equal keys the last one counts.
import type { Json } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { describeValue } from '../elements/shape.ts'
import { failed, type IntrinsicFunction } from './function.ts'
import { isCall } from './call.ts'

export const merge: IntrinsicFunction = {
  name: 'merge',
  form: 'merge: [dict, ...]',
  since: 3,
  evaluated: 'anytime',
  waits: true,
  check(args) {
    if (isCall(args)) return undefined
    if (!Array.isArray(args)) return `it needs a list, this is ${describeValue(args)}`
    const bad = (args as readonly Json[]).find((item) => !isJsonObject(item))
    return bad === undefined ? undefined : `it needs a list of dicts, this holds ${describeValue(bad)}`
  },
  // oxlint-disable-next-line require-yield -- pure, but all functions have one form
  *evaluate(args) {
    if (!Array.isArray(args)) throw failed('merge', `it needs a list, this is ${describeValue(args)}`)
    const result: Record<string, Json> = {}
    for (const item of args as readonly Json[]) {
      if (!isJsonObject(item)) throw failed('merge', `it needs dicts, this is ${describeValue(item)}`)
      Object.assign(result, item)
    }
    return result
  },
}
