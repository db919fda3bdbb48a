// lint.unused_input: an input that nothing reads.
import type { Json } from '../../../kernel/json.ts'
import { keyPlace, type Document } from '../../document.ts'
import { readCall } from '../../functions/call.ts'
import { valuesIn } from '../../values-in.ts'
import type { LintRule } from '../rule.ts'

const example = (inputs: string): string => `
inputs:
${inputs}
outputs:
  region: { value: { get_input: region } }
`

export const unusedInput: LintRule = {
  id: 'lint.unused_input',
  summary: 'An input is declared and never read by `get_input`.',
  why: 'Whoever makes a deployment gives it a value and believes that it does something.',
  example: { blueprint: example('  region: { default: north }\n  zone: { default: a }') },
  better: { blueprint: example('  region: { default: north }') },
  *check({ document, isOwn }) {
    const used = usedInputs(document)
    if (used === undefined) return
    for (const element of document.sections.inputs.values()) {
      if (used.has(element.name) || !isOwn(element.source)) continue
      yield {
        place: keyPlace(element),
        message: `nothing reads the input '${element.name}'`,
        hint: `use it with { get_input: ${element.name} }, or take it out`,
      }
    }
  },
}

/** undefined when some name is only known when a deployment is made. */
function usedInputs(document: Document): ReadonlySet<string> | undefined {
  const used = new Set<string>()
  const sections = [
    ...Object.values(document.sections).flatMap((elements) => [...elements.values()]),
    ...document.singles.values(),
  ]
  // Properties of imports stand outside all sections.
  const roots: Json[] = [
    ...sections.map(({ value }) => value),
    ...document.sources.map(({ value }) => value['imports'] ?? null),
  ]
  for (const root of roots) {
    for (const { value } of valuesIn(root)) {
      const call = readCall(value)
      if (call?.name !== 'get_input') continue
      const name = Array.isArray(call.args) ? (call.args as readonly Json[])[0] : call.args
      if (typeof name !== 'string') return undefined
      used.add(name)
    }
  }
  return used
}
