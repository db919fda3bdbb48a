// Finds the calls of `fault('code', { ... })` in a source text, with the keys of the literals in them.

export interface FaultCall {
  readonly code: string
  readonly line: number
  /** Texts of the options by name, such as `effect`; undefined: they are no literal. */
  readonly options: Readonly<Record<string, string>> | undefined
  /** Keys of `details`; undefined: they are no literal, or hold a spread. */
  readonly details: readonly string[] | undefined
}

export function faultCallsIn(text: string): readonly FaultCall[] {
  return [...text.matchAll(/\bfault\(\s*'([a-z_.]+)'/g)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length
    const [, options] = piecesOf(text, match.index + 'fault('.length)
    const given = options === undefined ? {} : entriesOf(options)
    const details = given?.['details']
    return {
      code: match[1] ?? '',
      line,
      options: given,
      details: given === undefined ? undefined : details === undefined ? [] : keysOf(entriesOf(details)),
    }
  })
}

function keysOf(entries: Readonly<Record<string, string>> | undefined): readonly string[] | undefined {
  return entries && Object.keys(entries)
}

/** The entries of an object literal; undefined for anything else, and where something is spread into it. */
function entriesOf(text: string): Readonly<Record<string, string>> | undefined {
  if (!text.startsWith('{')) return undefined
  const pieces = piecesOf(text, 1)
  if (pieces.some((piece) => piece.startsWith('...'))) return undefined
  return Object.fromEntries(
    pieces.map((piece) => {
      const [, name = piece, value = name] = /^(\w+)\s*:\s*([^]*)$/.exec(piece) ?? []
      return [name, value]
    }),
  )
}

/** What stands between the commas from `start` on, to the bracket that closes it all. */
function piecesOf(text: string, start: number): readonly string[] {
  const pieces: string[] = []
  let depth = 0
  let from = start
  let at = start
  for (; at < text.length; at++) {
    const character = text[at] ?? ''
    if (text.startsWith('//', at)) at = text.indexOf('\n', at)
    else if (`'"\``.includes(character)) at = endOfText(text, at)
    else if ('([{'.includes(character)) depth += 1
    else if (')]}'.includes(character)) {
      if (depth === 0) break
      depth -= 1
    } else if (character === ',' && depth === 0) {
      pieces.push(text.slice(from, at))
      from = at + 1
    }
  }
  pieces.push(text.slice(from, at))
  return pieces.map((piece) => piece.replace(/^(?:\s|\/\/[^\n]*\n)+/, '').trimEnd()).filter((piece) => piece !== '')
}

function endOfText(text: string, start: number): number {
  const quote = text[start]
  let at = start + 1
  while (at < text.length && text[at] !== quote) at += text[at] === '\\' ? 2 : 1
  return at
}
