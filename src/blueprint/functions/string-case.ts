// string_lower and string_upper.
import { describeValue } from '../elements/shape.ts'
import { mustBeText } from './arguments.ts'
import type { IntrinsicFunction } from './function.ts'
import { isCall } from './call.ts'

export const stringLower = changesCase('string_lower', (text) => text.toLowerCase())
export const stringUpper = changesCase('string_upper', (text) => text.toUpperCase())

function changesCase(name: string, change: (text: string) => string): IntrinsicFunction {
  return {
    name,
    form: `${name}: text`,
    evaluated: 'anytime',
    waits: true,
    check(args) {
      return typeof args === 'string' || isCall(args) ? undefined : `it needs one text, this is ${describeValue(args)}`
    },
    // oxlint-disable-next-line require-yield -- pure, but all functions have one form
    *evaluate(args) {
      return change(mustBeText(name, args))
    },
  }
}
