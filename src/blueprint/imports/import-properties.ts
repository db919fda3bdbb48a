// Properties given with an import go into the plugins of the imported file.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { describeValue } from '../elements/shape.ts'
import { isCall } from '../functions/call.ts'
import type { Reporter } from '../reporter.ts'
import type { SourceFile } from '../source/source-file.ts'
import type { ImportEntry } from './import-entry.ts'

/** The file with the properties put in; the file itself when there are none. */
export function applyImportProperties(source: SourceFile, entry: ImportEntry, reporter: Reporter): SourceFile {
  const given = entry.properties
  const plugins = source.value['plugins']
  if (given === undefined || !isJsonObject(plugins)) return source
  const filled: Record<string, Json> = {}
  for (const [name, plugin] of Object.entries(plugins)) filled[name] = fillPlugin(plugin, given, entry, reporter)
  return { ...source, value: { ...source.value, plugins: filled } }
}

function fillPlugin(plugin: Json, given: JsonObject, entry: ImportEntry, reporter: Reporter): Json {
  if (!isJsonObject(plugin) || !isJsonObject(plugin['properties'])) return plugin
  const declared = plugin['properties']
  const refuse = (reason: string): void => {
    reporter.add('blueprint.import_property', entry.place, { import: entry.written, reason })
  }
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(declared, name))
  if (unknown.length > 0) refuse(`it has no property ${unknown.join(', ')}, only ${Object.keys(declared).join(', ')}`)
  const properties: Record<string, Json> = {}
  for (const [name, property] of Object.entries(declared)) {
    properties[name] = property
    const value = given[name]
    if (value === undefined || !Object.hasOwn(given, name) || !isJsonObject(property)) continue
    if (isCall(value) || fits(value, property['type'])) properties[name] = { ...property, value }
    else refuse(`property '${name}' must be of type ${String(property['type'])}, this is ${describeValue(value)}`)
  }
  return { ...plugin, properties }
}

function fits(value: Json, type: Json | undefined): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' || Number.isInteger(value)
    case 'integer':
      return Number.isInteger(value)
    case 'float':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'list':
      return Array.isArray(value)
    default:
      return false
  }
}
