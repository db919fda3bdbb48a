// Schemas of properties: what types, operation inputs, workflow parameters and inputs declare about their values.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { didYouMean } from '../../kernel/near.ts'
import { type Element, placeIn } from '../document.ts'
import { completeValue, type ValueRules } from '../merging/complete-value.ts'
import type { Path } from '../source/source-file.ts'
import { versionName } from '../version.ts'
import type { Build } from './build.ts'
import type { DataTypes } from './data-type.ts'
import { objectTypes, primitiveTypes } from './primitive-types.ts'
import { anything, flag, listOf, mapOf, dict, record, type Field, type Shape, text } from './shape.ts'

/** One property. `default` is there only when there is one. */
export interface PropertySchema {
  readonly type?: string
  readonly default?: Json
  readonly description?: string
  readonly required?: boolean
  /** The default as written, before a data type completed it. */
  readonly writtenDefault?: Json
}

export interface Schema {
  readonly properties: ReadonlyMap<string, PropertySchema>
  /** The defaults alone, by name. */
  readonly defaults: JsonObject
}

export const emptySchema: Schema = { properties: new Map(), defaults: {} }

export const constraintsShape = listOf(dict)

export const propertyFields: Readonly<Record<string, Shape | Field>> = {
  type: text,
  default: anything,
  description: text,
  required: { shape: flag, since: 2 },
  display_label: { shape: text, since: 3 },
  hidden: { shape: flag, since: 3 },
  item_type: { shape: text, since: 4 },
  constraints: constraintsShape,
}

export const schemaShape: Shape = mapOf(record(propertyFields))

/** Reads a dict of property schemas. `path` is the way to it within the element. */
export function readSchema(value: JsonObject, element: Element, path: Path, types: DataTypes, build: Build): Schema {
  const properties = new Map<string, PropertySchema>()
  for (const name of Object.keys(value)) {
    properties.set(name, readProperty(value[name] as Json, element, [...path, name], types, build))
  }
  return schemaOf(properties)
}

export function schemaOf(properties: ReadonlyMap<string, PropertySchema>): Schema {
  const defaults: Record<string, Json> = {}
  for (const [name, property] of properties) {
    if (property.default !== undefined) defaults[name] = property.default
  }
  return { properties, defaults }
}

function readProperty(value: Json, element: Element, path: Path, types: DataTypes, build: Build): PropertySchema {
  if (!isJsonObject(value)) return {}
  const property = value as PropertySchema & JsonObject
  const type = typeof property.type === 'string' ? property.type : undefined
  const given = property.default ?? null
  const isKnown = type === undefined || checkTypeName(type, element, [...path, 'type'], types, build)
  const completed = isKnown ? completeDefault(given, type, element, path, types, build) : given
  return {
    ...(type === undefined || !isKnown ? {} : { type }),
    // A default of null is a default: nothing has to be given, and nothing is there.
    ...(completed === null && !Object.hasOwn(property, 'default') ? {} : { default: completed }),
    ...(typeof property.description === 'string' ? { description: property.description } : {}),
    ...(typeof property.required === 'boolean' ? { required: property.required } : {}),
    ...(given === null ? {} : { writtenDefault: given }),
  }
}

/** Reports a type that does not exist, or not yet in this version of the language. */
export function checkTypeName(type: string, element: Element, path: Path, types: DataTypes, build: Build): boolean {
  if (primitiveTypes.has(type)) {
    const since = type === 'operation_name' ? 5 : 4
    if (build.checksVersion && !element.source.isBundled && objectTypes.has(type) && build.document.minor < since) {
      const details = { feature: type, needed: versionName(since), version: build.document.version }
      build.reporter.add('blueprint.version_too_low', placeIn(element, ...path), details)
    }
    return true
  }
  if (types.isDeclared(type)) return types.get(type) !== undefined
  const near =
    didYouMean(type, [...primitiveTypes, ...types.names()]) ??
    `the primitive types are ${[...primitiveTypes].join(', ')}`
  build.reporter.add('blueprint.unknown_type', placeIn(element, ...path), { type, near })
  return false
}

function completeDefault(
  given: Json,
  type: string | undefined,
  element: Element,
  path: Path,
  types: DataTypes,
  build: Build,
): Json {
  if (type === undefined) return given
  const isData = !primitiveTypes.has(type)
  if (given === null && !isData) return null
  const rules: ValueRules = {
    types,
    owner: `default of '${path.at(-1) ?? ''}'`,
    typeName: type,
    requiresAll: false,
    reporter: build.reporter,
    placeOf: (inner) => placeIn(element, ...path, 'default', ...inner.slice(1)),
  }
  return completeValue(given ?? {}, type, undefined, rules, [String(path.at(-1) ?? '')])
}
