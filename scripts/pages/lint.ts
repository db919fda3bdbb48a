// docs/reference/lint.md: every lint rule, why it is there, a blueprint it warns of and a better one.
import { lintRules } from '../../src/blueprint/lint/rules.ts'
import type { LintRule } from '../../src/blueprint/lint/rule.ts'

const head = `# Lint

What \`fermata blueprints validate\` warns of when a blueprint has no problems. The language allows all of it; a backup
or whoever has to restore one would suffer. Warnings leave the exit code 0; with \`--strict\` they refuse the blueprint.

A comment silences one rule on its line or on the line below:

\`\`\`yaml
# fermata: ignore lint.unused_input
inputs: { zone: { default: a } } # fermata: ignore lint.unused_input
\`\`\`

This page is generated from the rules, and a test holds every rule to its two examples; \`npm run gen\` writes it.
`

export function lintPage(): string {
  return [head, ...lintRules.map(section)].join('\n')
}

function section({ id, summary, why, example, better }: LintRule): string {
  return [
    `## \`${id}\``,
    '',
    summary,
    '',
    why,
    '',
    'Warned of:',
    '',
    ...yaml(example.blueprint),
    'Better:',
    '',
    ...yaml(better.blueprint),
  ].join('\n')
}

function yaml(text: string): string[] {
  return ['```yaml', text.trim(), '```', '']
}
