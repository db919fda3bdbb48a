// Fills `{{ ctx.node.properties.port }}` and `{{ name }}` places of a template out of what `ctx` can say.
import { childOf, type Json, type JsonObject } from '../../../kernel/json.ts'
import { fillTemplate } from '../../../kernel/template.ts'
import { bad } from './arguments.ts'
import type { Entry } from './entry.ts'

/** @throws Fault `script.bad_input` for a path into nothing, and for `{% %}` blocks. */
export function render(template: string, context: Entry, variables: JsonObject): string {
  return fillTemplate(template, { bad, find: (segments, path) => find(segments, path, context, variables) })
}

function find(
  segments: readonly (string | number)[],
  path: string,
  context: Entry,
  variables: JsonObject,
): Json | undefined {
  const isContext = segments[0] === 'ctx'
  let current: Entry | undefined = isContext ? context : { kind: 'mapping', values: variables }
  for (const segment of isContext ? segments.slice(1) : segments) {
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
