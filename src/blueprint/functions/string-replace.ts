// string_replace: puts one text in place of another, everywhere or the first few times.
import type { Json } from '../../kernel/json.ts'
import { mustBeText } from './arguments.ts'
import { failed, type IntrinsicFunction } from './function.ts'

const name = 'string_replace'

export const stringReplace: IntrinsicFunction = {
  name,
  form: 'string_replace: [text, old, new, how many times]',
  evaluated: 'anytime',
  waits: true,
  check(args) {
    return Array.isArray(args) && (args.length === 3 || args.length === 4)
      ? undefined
      : 'it needs a list of three or four'
  },
  // oxlint-disable-next-line require-yield -- pure, but all functions have one form
  *evaluate(args) {
    const [text, old, fresh, times = -1] = args as readonly Json[]
    if (!Number.isInteger(times)) throw failed(name, 'how many times must be a whole number')
    return replaceSome(
      mustBeText(name, text ?? null),
      mustBeText(name, old ?? null),
      mustBeText(name, fresh ?? null),
      times as number,
    )
  },
}

function replaceSome(text: string, old: string, fresh: string, times: number): string {
  const parts = text.split(old)
  if (times < 0 || parts.length - 1 <= times) return parts.join(fresh)
  return [parts.slice(0, times + 1).join(fresh), ...parts.slice(times + 1)].join(old)
}
