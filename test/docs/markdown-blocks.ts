// Reads the executable parts of a document: `sh` blocks, each with the `text` block that shows its output.

export interface CommandBlock {
  readonly line: number
  readonly commands: string
  /** What the document shows as output; undefined where it shows none. */
  readonly output: string | undefined
  /** Why it is not run; undefined when it is. */
  readonly notRun: string | undefined
}

const fence = /^(?:<!-- not run: (?<reason>[^\n]+) -->\n\n?)?```(?<kind>sh|text)\n(?<body>[\s\S]*?)^```$/gm

export function commandBlocks(markdown: string): CommandBlock[] {
  const blocks: CommandBlock[] = []
  for (const match of markdown.matchAll(fence)) {
    const { reason, kind, body = '' } = match.groups ?? {}
    const line = markdown.slice(0, match.index).split('\n').length
    const last = blocks.at(-1)
    if (kind === 'sh') blocks.push({ line, commands: body, output: undefined, notRun: reason })
    else if (last && last.output === undefined) blocks[blocks.length - 1] = { ...last, output: body }
    else throw new Error(`line ${line}: a text block without commands before it`)
  }
  return blocks
}

/** Times, ids and the widths of columns differ from run to run. */
export function normalised(text: string): string[] {
  return text
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})?/g, 'TIME')
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'ID')
    .replace(/\b[0-9a-f]{8}\b/g, 'ID')
    .replace(/\b\d+(?:\.\d+)? (?:[KMGT]i)?B\b/g, 'SIZE')
    .replace(/\b([a-z][a-z0-9]*)_(?=[a-z0-9]*\d|[a-z0-9]{6}\b)[a-z0-9]{6}\b/g, '$1_INSTANCE')
    .replace(/\b[0-9a-f]{12}\b/g, 'DIGEST')
    .replace(/\b\d+(?:\.\d+)? (?:ms|s)\b/g, 'LENGTH')
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
}

/** The first shown line that the output does not have where it should; `...` stands for any lines. */
export function firstDifference(shown: string, real: string): string | undefined {
  const lines = normalised(real)
  let at = 0
  let isAnywhere = false
  for (const line of normalised(shown)) {
    if (line === '...') {
      isAnywhere = true
      continue
    }
    const found = isAnywhere ? lines.indexOf(line, at) : lines[at] === line ? at : -1
    if (found < 0) return line
    at = found + 1
    isAnywhere = false
  }
  return isAnywhere || at === lines.length ? undefined : `(the output goes on) ${lines[at] ?? ''}`
}
