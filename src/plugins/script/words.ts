// Splits `command_prefix` into words: blanks part them, quotes hold them together. Nothing is expanded.
import { fault } from '../../kernel/fault.ts'

/**
 * @example
 * splitWords(`sudo -u 'app user' bash -e`) // ['sudo', '-u', 'app user', 'bash', '-e']
 * @throws Fault `script.bad_input` when a quote is not closed.
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = []
  const pattern = /(?:[^\s'"\\]|\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*")+/g
  if (text.replace(pattern, '').trim() !== '') {
    throw fault('script.bad_input', { details: { message: `process.command_prefix has an open quote: ${text}` } })
  }
  for (const [word] of text.matchAll(pattern)) {
    words.push(
      word.replace(/'([^']*)'|"((?:\\[^]|[^"\\])*)"|\\([^])/g, (_all, plain, quoted, escaped) => {
        if (typeof plain === 'string') return plain
        return typeof quoted === 'string' ? quoted.replace(/\\(["\\$`])/g, '$1') : String(escaped)
      }),
    )
  }
  return words
}
