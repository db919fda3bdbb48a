// lint.duplicate_key: a key that is written twice in one dict. YAML readers keep the last.
import { duplicateKeys } from '../../source/duplicate-keys.ts'
import type { LintRule } from '../rule.ts'

const example = (second: string): string => `
outputs:
  first: { value: 1 }
  ${second}: { value: 2 }
`

export const duplicateKey: LintRule = {
  id: 'lint.duplicate_key',
  summary: 'A dict has the same key twice.',
  why: 'The last one counts and the others vanish without a word: often a node or an input that somebody is sure to have defined.',
  example: { blueprint: example('first') },
  better: { blueprint: example('second') },
  *check({ document, isOwn }) {
    for (const source of document.sources) {
      if (!isOwn(source)) continue
      for (const { key, path, line, firstLine } of duplicateKeys(source)) {
        yield {
          place: { source, path, aim: 'key' },
          message: `'${key}' is written twice here; what stands in line ${firstLine} is lost, line ${line} counts`,
          hint: 'rename one of them, or join them',
        }
      }
    }
  },
}
