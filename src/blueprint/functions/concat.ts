// concat: joins values to one text.
import type { Json } from '../../kernel/json.ts'
import { describeValue } from '../elements/shape.ts'
import { failed, type IntrinsicFunction } from './function.ts'
import { pythonText } from './python-text.ts'
import { isCall } from './call.ts'

export const concat: IntrinsicFunction = {
  name: 'concat',
  form: 'concat: [part, ...]',
  since: 1,
  evaluated: 'anytime',
  waits: true,
  check(args) {
    return Array.isArray(args) || isCall(args) ? undefined : `it needs a list, this is ${describeValue(args)}`
  },
  // oxlint-disable-next-line require-yield -- pure, but all functions have one form
  *evaluate(args) {
    if (!Array.isArray(args)) throw failed('concat', `it needs a list, this is ${describeValue(args)}`)
    return (args as readonly Json[]).map(pythonText).join('')
  },
}
