// Regular expressions of blueprints: Python's, as far as both languages agree, and never longer than a moment.
import { createContext, runInContext } from 'node:vm'

/** Milliseconds. An everyday pattern takes a few thousandths of one. */
const patience = 200

/** True when the text is a regular expression. */
export function isPattern(text: string): boolean {
  return compile(text) !== undefined
}

/** Matches at the start of the text, as Python's `re.match`. A pattern that finds no end in time does not match. */
export function matchesPattern(value: string, pattern: string): boolean {
  const expression = compile(pattern)
  if (expression === undefined) return false
  // With at most one open repetition there is nothing to go back and forth between.
  const repetitions = pattern.match(/[*+]|,\}/g)?.length ?? 0
  return repetitions <= 1 ? expression.test(value) : testInTime(expression, value)
}

function testInTime(expression: RegExp, value: string): boolean {
  try {
    return runInContext('expression.test(value)', createContext({ expression, value }), { timeout: patience }) === true
  } catch {
    return false
  }
}

function compile(text: string): RegExp | undefined {
  const translated = text
    .replace(/\(\?P</g, '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replace(/\\A/g, '^')
    .replace(/\\Z/g, '$')
  for (const flags of ['uy', 'y']) {
    try {
      return new RegExp(translated, flags)
    } catch {
      // The stricter reading failed; the looser one may still take it.
    }
  }
  return undefined
}
