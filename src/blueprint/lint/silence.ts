// The comment with which an author answers a rule: `# fermata: ignore lint.rule_id`, on the line or on the one above.
import type { SourceFile } from '../source/source-file.ts'

const comment = /#\s*fermata:\s*ignore\s+([\w.,\s]+)/g

const byFile = new WeakMap<SourceFile, ReadonlyMap<number, ReadonlySet<string>>>()

export function isSilenced(rule: string, source: SourceFile | undefined, line: number): boolean {
  if (source === undefined) return false
  const silenced = silencedIn(source)
  return silenced.get(line)?.has(rule) === true || silenced.get(line - 1)?.has(rule) === true
}

/** Line -> the rules that a comment on it silences. */
export function silencedIn(source: SourceFile): ReadonlyMap<number, ReadonlySet<string>> {
  const silenced = byFile.get(source) ?? readComments(source.text)
  byFile.set(source, silenced)
  return silenced
}

function readComments(text: string): ReadonlyMap<number, ReadonlySet<string>> {
  const found = new Map<number, ReadonlySet<string>>()
  if (!text.includes('fermata:')) return found
  for (const [index, line] of text.split('\n').entries()) {
    const rules = [...line.matchAll(comment)].flatMap(([, names = '']) => names.split(/[\s,]+/))
    if (rules.length > 0) found.set(index + 1, new Set(rules.filter((rule) => rule !== '')))
  }
  return found
}
