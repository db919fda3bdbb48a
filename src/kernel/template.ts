// Fills `{{ node.port }}` places of a template with values. Looks them up; never runs code.
import type { Json } from './json.ts'

export interface TemplateValues {
  /** Undefined: it is not there. @throws for what is no value, and for a path below what is not there. */
  find(segments: readonly (string | number)[], path: string): Json | undefined
  /** What a template that cannot be filled is told with. */
  bad(message: string): Error
}

/**
 * Knows `{{ path }}`, `{{ path | default('text') }}`, `{{ path | tojson }}` and `{# comment #}`, as Jinja2 has them; a
 * value that is not there renders as nothing. `{% %}` blocks are refused.
 */
export function fillTemplate(template: string, values: TemplateValues): string {
  const text = template.replace(/\{#[^]*?#\}/g, '')
  const block = /\{%-?\s*(\w+)/.exec(text)
  if (block) throw values.bad(`templates hold values only; '{% ${block[1]} %}' is not supported`)
  return text.replace(/\{\{-?([^]*?)-?\}\}/g, (_place, expression: string) => evaluate(expression.trim(), values))
}

function evaluate(expression: string, values: TemplateValues): string {
  const [path = '', ...filters] = expression.split(/\s*\|\s*(?=\w)/)
  let value = values.find(segmentsOf(path, values), path)
  let asJson = false
  for (const filter of filters) {
    const fallback = /^(?:default|d)\((?:'([^']*)'|"([^"]*)"|(-?\d+(?:\.\d+)?))\)$/.exec(filter)
    if (fallback) value ??= fallback[1] ?? fallback[2] ?? Number(fallback[3])
    else if (filter === 'tojson') asJson = true
    else throw values.bad(`'{{ ${expression} }}': filter '${filter}' is not known; there are default(...) and tojson`)
  }
  if (value === undefined) return ''
  return asJson ? JSON.stringify(value) : plainText(value)
}

/** `a.b[0]['c d']` -> a, b, 0, c d */
function segmentsOf(path: string, { bad }: TemplateValues): readonly (string | number)[] {
  const pattern = /(?:^|\.)([A-Za-z_][\w-]*)|\[\s*(?:(\d+)|'([^']*)'|"([^"]*)")\s*\]/y
  const segments: (string | number)[] = []
  while (pattern.lastIndex < path.length) {
    const start = pattern.lastIndex
    const match = pattern.exec(path)
    if (!match) throw bad(`'{{ ${path} }}' is not understood from '${path.slice(start)}' on`)
    segments.push(match[2] === undefined ? (match[1] ?? match[3] ?? match[4] ?? '') : Number(match[2]))
  }
  if (segments.length === 0) throw bad("'{{ }}' names no value")
  return segments
}

/** Jinja2 prints as Python does. */
function plainText(value: Json): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
