// string_find: where a text first stands in another, or -1.
import type { Json } from '../../kernel/json.ts'
import { mustBeText } from './arguments.ts'
import type { IntrinsicFunction } from './function.ts'

export const stringFind: IntrinsicFunction = {
  name: 'string_find',
  form: 'string_find: [text, wanted]',
  evaluated: 'anytime',
  waits: true,
  check(args) {
    return Array.isArray(args) && args.length === 2 ? undefined : 'it needs a list of exactly two'
  },
  // oxlint-disable-next-line require-yield -- pure, but all functions have one form
  *evaluate(args) {
    const [text, wanted] = args as readonly Json[]
    return mustBeText('string_find', text ?? null).indexOf(mustBeText('string_find', wanted ?? null))
  },
}
