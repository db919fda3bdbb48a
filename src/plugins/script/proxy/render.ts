// Fills `{{ ctx.node.properties.port }}` and `{{ name }}` places of a template. Looks values up; never runs code.
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { bad } from './arguments.ts'
import type { Entry } from './entry.ts'
import { childOf } from './property-path.ts'

/**
 * Knows `{{ path }}`, `{{ path | default('text') }}`, `{{ path | tojson }}` and `{# comment #}`. As in Jinja2, a value
 * that is not there renders as nothing, and going on below it is an error.
 *
 * @throws Fault `script.bad_input` for a path into nothing, and for `{% %}` blocks.
 */
export function render(template: string, context: Entry, variables: JsonObject): string {
  const text = template.replace(/\{#[^]*?#\}/g, '')
  const block = /\{%-?\s*(\w+)/.exec(text)
  if (block) throw bad(`templates hold values only; '{% ${block[1]} %}' is not supported`)
  return text.replace(/\{\{-?([^]*?)-?\}\}/g, (_place, expression: string) =>
    evaluate(expression.trim(), context, variables),
  )
}

function evaluate(expression: string, context: Entry, variables: JsonObject): string {
  const [path = '', ...filters] = expression.split(/\s*\|\s*(?=\w)/)
  let value = lookUp(path, context, variables)
  let asJson = false
  for (const filter of filters) {
    const fallback = /^(?:default|d)\((?:'([^']*)'|"([^"]*)"|(-?\d+(?:\.\d+)?))\)$/.exec(filter)
    if (fallback) value ??= fallback[1] ?? fallback[2] ?? Number(fallback[3])
    else if (filter === 'tojson') asJson = true
    else throw bad(`'{{ ${expression} }}': filter '${filter}' is not known; there are default(...) and tojson`)
  }
  if (value === undefined) return ''
  return asJson ? JSON.stringify(value) : plainText(value)
}

function lookUp(path: string, context: Entry, variables: JsonObject): Json | undefined {
  const segments = segmentsOf(path)
  const [first, ...rest] = segments
  const start: Entry | undefined =
    first === 'ctx' ? context : { kind: 'mapping', values: first === undefined ? {} : variables }
  let current: Entry | undefined = start
  for (const segment of first === 'ctx' ? rest : segments) {
    if (current === undefined) throw bad(`'{{ ${path} }}': there is nothing before '${segment}'`)
    current = step(current, segment)
  }
  if (current?.kind === 'leaf') return current.value
  if (current?.kind === 'mapping') return current.values
  if (current === undefined) return undefined
  throw bad(`'{{ ${path} }}' is not a value`)
}

function step(entry: Entry, segment: string | number): Entry | undefined {
  if (entry.kind === 'scope') {
    const member = Object.hasOwn(entry.members, segment) ? entry.members[segment] : undefined
    return member?.()
  }
  if (entry.kind === 'call') throw bad(`'${segment}' cannot be used in a template`)
  const value = childOf(entry.kind === 'leaf' ? entry.value : entry.values, segment)
  return value === undefined ? undefined : { kind: 'leaf', value }
}

/** `a.b[0]['c d']` -> a, b, 0, c d */
function segmentsOf(path: string): readonly (string | number)[] {
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
