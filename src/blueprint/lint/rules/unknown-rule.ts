// lint.unknown_rule: a comment that silences a rule which does not exist.
import { didYouMean } from '../../../kernel/near.ts'
import type { LintRule } from '../rule.ts'
import { silencedIn } from '../silence.ts'

const example = (rule: string): string => `
imports:
  - cloudify/types/types.yaml
inputs:
  # fermata: ignore ${rule}
  zone: { default: a }
outputs:
  zone: { value: { get_input: zone } }
`

/** Made with the ids of all other rules. */
export function unknownRule(ids: readonly string[]): LintRule {
  const id = 'lint.unknown_rule'
  const known = [...ids, id]
  return {
    id,
    summary: 'A comment silences a rule that does not exist.',
    why: 'The name is spelled wrongly or the rule is gone; either way the comment tells its readers something that is not so.',
    example: { blueprint: example('lint.unsued_input') },
    better: { blueprint: example('lint.unused_input') },
    *check({ document, isOwn }) {
      for (const source of document.sources) {
        if (!isOwn(source)) continue
        for (const [line, rules] of silencedIn(source)) {
          for (const rule of rules) {
            if (known.includes(rule)) continue
            yield {
              place: { source, path: [] },
              line,
              message: `there is no rule '${rule}' to ignore`,
              hint: didYouMean(rule, known) ?? 'the rules are listed in docs/reference/lint.md',
            }
          }
        }
      }
    },
  }
}
