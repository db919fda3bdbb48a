// Finds the command in the words that were typed: singular, plural and unambiguous beginnings of nouns are understood.
import { fault } from '../kernel/fault.ts'
import { didYouMean } from '../kernel/near.ts'
import { commandTable } from './command-table.ts'

export type Request =
  | { readonly kind: 'command'; readonly noun: string; readonly verb: string; readonly rest: readonly string[] }
  | { readonly kind: 'help'; readonly noun?: string; readonly verb?: string }

const helpWords: ReadonlySet<string> = new Set(['-h', '--help'])

/**
 * Options may stand before, between and after the words: those in front are moved behind.
 *
 * @throws Fault `usage.bad_argument`
 */
export function readWords(argv: readonly string[]): Request {
  const { words, options, rest } = split(argv)
  const wantsHelp = [...options, ...untilDashes(rest)].some((word) => helpWords.has(word))
  if (words[0] === 'help') return helpFor(words[1], rest[0])
  if (words[0] === undefined) return { kind: 'help' }
  const noun = resolveNoun(words[0])
  const verbs = commandTable[noun] ?? {}
  const isOneWord = '' in verbs
  const behind = isOneWord && words[1] !== undefined ? [words[1], ...rest] : rest
  const verb = isOneWord ? '' : words[1]
  if (verb === undefined) return { kind: 'help', noun }
  if (!isOneWord) checkVerb(noun, verb)
  return wantsHelp ? { kind: 'help', noun, verb } : { kind: 'command', noun, verb, rest: [...options, ...behind] }
}

function split(argv: readonly string[]): { words: string[]; options: string[]; rest: string[] } {
  const words: string[] = []
  const options: string[] = []
  let at = 0
  for (; at < argv.length && words.length < 2; at += 1) {
    const word = argv[at] ?? ''
    if (word === '--') break
    if (!word.startsWith('-')) words.push(word)
    else options.push(word)
    if (word === '--home' && argv[at + 1] !== undefined) options.push(argv[(at += 1)] ?? '')
    // Options of a one-word command belong to it, values and all.
    if (words.length === 1 && isOneWordCommand(word)) return { words, options, rest: argv.slice(at + 1) }
  }
  return { words, options, rest: argv.slice(at) }
}

function isOneWordCommand(word: string): boolean {
  return word in commandTable && '' in (commandTable[word] ?? {})
}

function untilDashes(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--')
  return end < 0 ? words : words.slice(0, end)
}

function helpFor(nounText: string | undefined, verb: string | undefined): Request {
  if (nounText === undefined) return { kind: 'help' }
  const noun = resolveNoun(nounText)
  if (verb === undefined || isOneWordCommand(noun)) return { kind: 'help', noun }
  checkVerb(noun, verb)
  return { kind: 'help', noun, verb }
}

function resolveNoun(text: string): string {
  const wanted = text.toLowerCase().replaceAll('_', '-')
  const nouns = Object.keys(commandTable)
  const exact = nouns.find((noun) => noun === wanted || noun === `${wanted}s`)
  if (exact !== undefined) return exact
  const beginnings = nouns.filter((noun) => noun.startsWith(wanted))
  if (beginnings.length === 1 && beginnings[0] !== undefined) return beginnings[0]
  if (beginnings.length > 1 && wanted !== '') {
    throw fault('usage.bad_argument', { details: { message: `'${text}' may mean ${beginnings.join(' or ')}` } })
  }
  const hint = didYouMean(wanted, nouns) ?? `the commands are about ${nouns.join(', ')}`
  throw fault('usage.bad_argument', { details: { message: `there is no command '${text}'` }, hint })
}

function checkVerb(noun: string, verb: string): void {
  const verbs = Object.keys(commandTable[noun] ?? {})
  if (verbs.includes(verb)) return
  const hint = didYouMean(verb, verbs) ?? `there is ${verbs.map((known) => `'${noun} ${known}'`).join(', ')}`
  throw fault('usage.bad_argument', { details: { message: `there is no command '${noun} ${verb}'` }, hint })
}
