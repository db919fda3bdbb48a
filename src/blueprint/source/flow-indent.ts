// PyYAML lets a list or dict in brackets go on at any indentation; YAML's rules want it deeper than its key. This moves
// such lines to the right, so that old blueprints can be read. Only used on texts that were refused for that reason.

/** The same text with continuation lines of bracketed values indented. Line numbers stay. */
export function indentFlow(text: string): string {
  let depth = 0
  let needed = 0
  let blockIndent = -1
  let quote = ''
  const result: string[] = []
  for (const line of text.split('\n')) {
    const indent = line.length - line.trimStart().length
    if (blockIndent >= 0 && (line.trim() === '' || indent > blockIndent)) {
      result.push(line)
      continue
    }
    blockIndent = -1
    const isContinuation = depth > 0 || quote !== ''
    if (!isContinuation) needed = indent + 1
    const padded =
      isContinuation && indent < needed && line.trim() !== '' ? ' '.repeat(needed) + line.trimStart() : line
    result.push(padded)
    const end = scanLine(padded, depth, quote)
    depth = end.depth
    quote = end.quote
    if (depth === 0 && quote === '' && /[:-]\s+[|>][-+0-9]*\s*(#.*)?$/.test(line)) blockIndent = indent
  }
  return result.join('\n')
}

/** Follows brackets and quotes through one line. */
function scanLine(line: string, startDepth: number, startQuote: string): { depth: number; quote: string } {
  let depth = startDepth
  let quote = startQuote
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index] as string
    const before = index === 0 ? ' ' : (line[index - 1] as string)
    if (quote !== '') {
      if (quote === '"' && character === '\\') index += 1
      else if (character === quote) quote = ''
      continue
    }
    const startsValue = depth > 0 ? /[\s[{,:]/.test(before) : /^\s*$|[:\-?]\s+$/.test(line.slice(0, index))
    if (character === '#' && /\s/.test(before)) break
    if ((character === '"' || character === "'") && startsValue) quote = character
    else if ((character === '[' || character === '{') && (depth > 0 || startsValue)) depth += 1
    else if ((character === ']' || character === '}') && depth > 0) depth -= 1
  }
  return { depth, quote }
}
