// docs/reference/problems.md: every problem a blueprint can have, each with an example and what is said about it.
import { describeProblem } from '../../src/blueprint/describe.ts'
import { messageOf, type ProblemCode, problemTable } from '../../src/blueprint/problem-table.ts'
import { problemExamples } from '../problem-examples/all.ts'
import type { ProblemExample } from '../problem-examples/example.ts'
import { runExample } from '../problem-examples/run.ts'

const head = `# Problems of blueprints

What \`fermata blueprints validate\`, \`blueprints upload\` and \`deployments create\` may say about a blueprint or the inputs
given to it. All problems are reported at once, each with its place. The number behind a code is the one that Cloudify
uses for the same mistake. Words in braces are filled in.

What is allowed but deserves a warning is in [lint](lint.md).

This page is generated from the problem table and its examples, which a test runs; \`npm run gen\` writes it.
`

export function problemsPage(): string {
  const codes = Object.keys(problemTable) as ProblemCode[]
  return [head, ...codes.map(section)].join('\n')
}

function section(code: ProblemCode): string {
  const { alias, message, hint }: { message: string; alias?: number; hint?: string } = problemTable[code]
  const example = problemExamples[code]
  const fixedHint = hint === undefined || /^\{\w+\}$/.test(hint) ? [] : [`Hint: \`${hint}\``, '']
  return [
    `## \`${code}\``,
    '',
    `Message: \`${message}\``,
    '',
    ...fixedHint,
    ...(alias === undefined ? [] : [`Cloudify: ${alias}`, '']),
    ...exampleText(example),
    '```text',
    outcomeText(code, example),
    '```',
    '',
  ].join('\n')
}

function exampleText(example: ProblemExample): string[] {
  if (example.words !== undefined) return [example.words, '']
  const given = Object.entries({ inputs: example.inputs, secrets: example.secrets, scale: example.scale })
    .filter(([, value]) => value !== undefined && Object.keys(value).length > 0)
    .map(([name, value]) => `# ${name} given: ${JSON.stringify(value)}`)
  const files = Object.entries(example.files ?? {}).flatMap(([name, text]) => [
    `# ${name}${text === '' ? ' is there' : ':'}`,
    ...(text === ''
      ? []
      : text
          .trimEnd()
          .split('\n')
          .map((line) => `#   ${line}`)),
  ])
  const { version = 'cloudify_dsl_1_3' } = example
  const first = version === null ? [] : [`tosca_definitions_version: ${version}`]
  return ['```yaml', ...first, example.blueprint.trimEnd(), ...files, ...given, '```', '']
}

function outcomeText(code: ProblemCode, example: ProblemExample): string {
  const { problems, texts } = runExample(example)
  const problem = problems.find((candidate) => candidate.code === code)
  if (problem === undefined) throw new TypeError(`the example of ${code} does not show it: ${messageOf(code, {})}`)
  return describeProblem(problem, texts[problem.file])
}
