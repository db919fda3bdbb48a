// Holds what a plugin.yaml maps against what its module provides: each operation has to lead somewhere.
import type { Path } from '../blueprint/source/source-file.ts'
import type { Problem } from '../blueprint/problem.ts'
import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'
import { didYouMean } from '../kernel/near.ts'
import type { PluginProvides } from './plugin-provides.ts'
import { objectAt, pluginProblemAt, type PluginYaml } from './plugin-yaml.ts'

interface Mapping {
  readonly text: string
  readonly path: Path
  readonly kind: 'operation' | 'workflow'
}

export interface PluginContents {
  /** null: no module came along. */
  readonly provides: PluginProvides | null
  readonly files: ReadonlySet<string>
}

/** One problem for each mapping that leads nowhere. */
export function mappingProblems(yaml: PluginYaml, contents: PluginContents): Problem[] {
  return mappingsOf(yaml.source.value).flatMap((mapping) => mappingProblem(yaml, mapping, contents))
}

function mappingProblem(yaml: PluginYaml, { text, path, kind }: Mapping, contents: PluginContents): Problem[] {
  // Text of a script, or its address: neither is a matter of names.
  if (text === '' || text.includes('\n') || /^(https?|ftp|file):/i.test(text)) return []
  const own = longestPrefix(text, yaml.names)
  if (own !== undefined) {
    const name = text.slice(own.length + 1)
    const provided = providedNames(contents.provides, kind)
    if (provided.includes(name)) return []
    const message = `no ${kind} '${name}' comes with the plugin, but '${text}' needs it`
    const hint = missingHint(name, provided, contents.provides === null)
    return [pluginProblemAt(yaml.source, path, { code: 'plugin.missing_operation', message, hint })]
  }
  if (longestPrefix(text, yaml.builtIn) !== undefined || contents.files.has(text.replace(/^(\.\/)+/, ''))) return []
  const near =
    didYouMean(text, [...contents.files]) ?? `begin with ${yaml.names.join('. or ')}. or name a file that is there`
  const message = `'${text}' is neither an operation of a plugin nor a file that comes with it`
  return [pluginProblemAt(yaml.source, path, { code: 'plugin.unknown_implementation', message, hint: near })]
}

function longestPrefix(text: string, names: readonly string[]): string | undefined {
  const found = names.filter((name) => text.startsWith(`${name}.`))
  return found.toSorted((left, right) => left.length - right.length).at(-1)
}

function providedNames(provides: PluginProvides | null, kind: Mapping['kind']): readonly string[] {
  if (provides === null) return []
  return kind === 'workflow' ? provides.workflows : provides.operations.map(({ name }) => name)
}

function missingHint(name: string, provided: readonly string[], isWithoutModule: boolean): string {
  if (isWithoutModule) return 'put a plugin.ts (or .mts, .js, .mjs) beside the YAML file, or map a script'
  return didYouMean(name, provided) ?? `the module has ${provided.slice(0, 8).join(', ') || 'none'}`
}

function mappingsOf(document: JsonObject): Mapping[] {
  return [
    ...typeMappings(document, 'node_types', ['interfaces']),
    ...typeMappings(document, 'relationships', ['source_interfaces', 'target_interfaces']),
    ...Object.entries(objectAt(document, 'workflows')).map(([name, value]) =>
      mapping(value, ['workflows', name], 'mapping', 'workflow'),
    ),
  ]
}

function typeMappings(document: JsonObject, section: string, keys: readonly string[]): Mapping[] {
  const found: Mapping[] = []
  for (const [type, definition] of Object.entries(objectAt(document, section))) {
    for (const key of keys) {
      for (const [name, operations] of Object.entries(objectAt(definition, key))) {
        for (const [operation, value] of Object.entries(isJsonObject(operations) ? operations : {}))
          found.push(mapping(value, [section, type, key, name, operation], 'implementation', 'operation'))
      }
    }
  }
  return found
}

/** A mapping is a text, or a dict in which it has its key. */
function mapping(value: Json, path: Path, key: string, kind: Mapping['kind']): Mapping {
  if (typeof value === 'string') return { text: value, path, kind }
  const inner = isJsonObject(value) ? value[key] : undefined
  return { text: typeof inner === 'string' ? inner : '', path: [...path, key], kind }
}
