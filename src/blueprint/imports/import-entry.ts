// One entry of an `imports` list: what to import, under which namespace, with which plugin properties.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { describeValue } from '../elements/shape.ts'
import { isCall } from '../functions/call.ts'
import type { Place, Reporter } from '../reporter.ts'
import type { SourceFile } from '../source/source-file.ts'
import { type Minor, versionName } from '../version.ts'

export interface ImportEntry {
  /** As written, with its namespace. */
  readonly written: string
  readonly namespace: string
  readonly target: string
  readonly properties: JsonObject | undefined
  readonly place: Place
}

/** Reads the `imports` of a file; entries with problems are left out. */
export function readImports(
  source: SourceFile,
  reporter: Reporter,
  minor: Minor,
  checksVersion: boolean,
): ImportEntry[] {
  const value = source.value['imports'] ?? null
  if (value === null) return []
  const place: Place = { source, path: ['imports'] }
  if (!Array.isArray(value)) {
    reporter.add('blueprint.wrong_shape', place, { key: 'imports', expected: 'a list', found: describeValue(value) })
    return []
  }
  const seen = new Set<string>()
  const entries: ImportEntry[] = []
  for (const [index, item] of (value as readonly Json[]).entries()) {
    const entry = readEntry(item, { source, path: ['imports', index] }, reporter, minor, checksVersion)
    if (entry === undefined) continue
    if (seen.has(entry.written)) reporter.add('blueprint.import_repeated', entry.place, { import: entry.written })
    else entries.push(entry)
    seen.add(entry.written)
  }
  return entries
}

function readEntry(
  item: Json,
  place: Place,
  reporter: Reporter,
  minor: Minor,
  checksVersion: boolean,
): ImportEntry | undefined {
  if (typeof item === 'string') return split(item, undefined, place, reporter)
  if (!isJsonObject(item)) {
    reporter.add('blueprint.wrong_shape', place, { key: 'import', expected: 'text', found: describeValue(item) })
    return undefined
  }
  const names = Object.keys(item)
  const [written] = names
  if (written === undefined || names.length > 1) {
    reporter.add('blueprint.import_malformed', place, { reason: `this has ${names.length} entries` })
    return undefined
  }
  const inner: Place = { ...place, path: [...place.path, written] }
  const properties = item[written] ?? null
  if (properties === null) return split(written, undefined, place, reporter)
  if (!isJsonObject(properties)) {
    reporter.add('blueprint.wrong_shape', inner, { key: written, expected: 'a dict', found: describeValue(properties) })
    return undefined
  }
  return checkProperties(properties, inner, reporter, minor, checksVersion)
    ? split(written, properties, place, reporter)
    : undefined
}

function checkProperties(
  properties: JsonObject,
  place: Place,
  reporter: Reporter,
  minor: Minor,
  checksVersion: boolean,
): boolean {
  const before = reporter.count
  for (const [key, value] of Object.entries(properties)) {
    const at: Place = { ...place, path: [...place.path, key] }
    if (checksVersion && minor < 5) {
      const details = { feature: key, needed: versionName(5), version: versionName(minor) }
      reporter.add('blueprint.version_too_low', { ...at, aim: 'key' }, details)
    } else if (isJsonObject(value) && !isCall(value)) {
      reporter.add('blueprint.import_malformed', at, {
        reason: `property '${key}' is a dict, only plain values, lists and functions are possible`,
      })
    }
  }
  return reporter.count === before
}

function split(
  written: string,
  properties: JsonObject | undefined,
  place: Place,
  reporter: Reporter,
): ImportEntry | undefined {
  const end = written.lastIndexOf('--')
  const namespace = end === -1 ? '' : written.slice(0, end)
  const target = end === -1 ? written : written.slice(end + 2)
  if (namespace.includes('--')) {
    reporter.add('blueprint.namespace_delimiter', place, { namespace })
    return undefined
  }
  return { written, namespace, target, properties, place }
}
