// string_split: the parts of a text between separators, or one of them.
import type { Json } from '../../kernel/json.ts'
import { mustBeText } from './arguments.ts'
import { failed, type IntrinsicFunction } from './function.ts'

const name = 'string_split'

export const stringSplit: IntrinsicFunction = {
  name,
  form: 'string_split: [text, separator, index]',
  evaluated: 'anytime',
  waits: true,
  check(args) {
    return Array.isArray(args) && (args.length === 2 || args.length === 3)
      ? undefined
      : 'it needs a list of two or three'
  },
  // oxlint-disable-next-line require-yield -- pure, but all functions have one form
  *evaluate(args) {
    const [text, separator, index] = args as readonly Json[]
    const parts = mustBeText(name, text ?? null).split(mustBeText(name, separator ?? null))
    if (index === undefined) return parts
    if (!Number.isInteger(index)) throw failed(name, 'the index must be a whole number')
    const part = parts.at(index as number)
    if (part === undefined) throw failed(name, `there are only ${parts.length} parts`)
    return part
  },
}
