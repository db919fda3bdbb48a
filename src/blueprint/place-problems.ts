// Gives problems of a deployment their place in the blueprint: plans remember none, so the texts are read once more.
import type { Json } from '../kernel/json.ts'
import { isJsonObject } from '../kernel/json.ts'
import { type Document, type Element, type NamedSection, namedSections, placeIn } from './document.ts'
import { type BlueprintTexts, readBlueprint } from './parse-blueprint.ts'
import { asList } from './functions/arguments.ts'
import { holdsCall, readCall } from './functions/call.ts'
import { valuesIn } from './values-in.ts'
import type { Problem } from './problem.ts'
import { locate } from './source/locate.ts'
import type { Path } from './source/source-file.ts'

/**
 * The problems of `prepareDeployment` with file, line and column, as far as the texts have what they speak of. `texts`
 * are those that the plan was made of.
 *
 * @example
 * const texts = { main: 'tosca_definitions_version: cloudify_dsl_1_3\ninputs:\n  size: { type: integer }\n' }
 * const { plan } = parseBlueprint(texts)
 * const { problems } = prepareDeployment(plan, { inputs: { size: 'big' }, newSuffix: () => 'abc123' })
 * console.log(placeProblems(problems, texts)[0].line) // 3
 */
export function placeProblems(problems: readonly Problem[], texts: BlueprintTexts): readonly Problem[] {
  const { document } = readBlueprint(texts)
  if (document === undefined) return problems
  return problems.map((problem) => (problem.file === '' ? placed(problem, document) : problem))
}

function placed(problem: Problem, document: Document): Problem {
  const found = find(problem.path, document)
  if (found === undefined) return problem
  const place = placeIn(found.element, ...found.path)
  if (place.source === undefined) return problem
  const aim = found.path.length === 0 ? 'key' : 'value'
  return { ...problem, file: place.source.name, ...locate(place.source, place.path, aim) }
}

/** Paths of deployments say `nodes.vm.operations...` where the text says `node_templates: vm: interfaces: ...`. */
function find(path: string, document: Document): { readonly element: Element; readonly path: Path } | undefined {
  const dot = path.indexOf('.')
  const first = dot === -1 ? path : path.slice(0, dot)
  if (first === 'secrets') return secretCall(path.slice(dot + 1), document)
  const section = first === 'nodes' ? 'node_templates' : first
  if (dot === -1 || !isNamedSection(section)) return undefined
  const rest = path.slice(dot + 1)
  const name = longestKey(rest, document.sections[section].keys())
  const element = name === undefined ? undefined : document.sections[section].get(name)
  if (name === undefined || element === undefined) return undefined
  return { element, path: wayIn(element.value, rest.slice(name.length + 1).replace(/^operations\./, 'interfaces.')) }
}

/** The first place that asks for the secret. */
function secretCall(name: string, document: Document): { readonly element: Element; readonly path: Path } | undefined {
  for (const section of namedSections) {
    for (const element of document.sections[section].values()) {
      if (!holdsCall(element.value)) continue
      for (const { value, path } of valuesIn(element.value)) {
        const call = readCall(value)
        if (call?.name === 'get_secret' && asList(call.args)[0] === name) return { element, path: [...path, call.name] }
      }
    }
  }
  return undefined
}

function isNamedSection(name: string): name is NamedSection {
  return (namedSections as readonly string[]).includes(name)
}

/** Names may hold dots themselves: at each step the longest one that fits is taken. */
function wayIn(value: Json, rest: string): Path {
  const way: string[] = []
  let at = value
  let left = rest
  while (left !== '' && (isJsonObject(at) || Array.isArray(at))) {
    const key = longestKey(left, Object.keys(at))
    if (key === undefined) break
    way.push(key)
    at = (at as Readonly<Record<string, Json>>)[key] as Json
    left = left.slice(key.length + 1)
  }
  return way
}

function longestKey(path: string, keys: Iterable<string>): string | undefined {
  let longest: string | undefined
  for (const key of keys) {
    const fits = path === key || path.startsWith(`${key}.`)
    if (fits && (longest === undefined || key.length > longest.length)) longest = key
  }
  return longest
}
