// Fills a value with the defaults of its schema and reports what does not fit. Functions pass: their value comes later.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { didYouMean } from '../../kernel/near.ts'
import type { DataTypeSource } from '../elements/data-type.ts'
import { expectedOf, fitsPrimitive, primitiveTypes } from '../elements/primitive-types.ts'
import type { Schema } from '../elements/property-schema.ts'
import { describeValue, isWrittenAsFloat } from '../elements/shape.ts'
import { isCall } from '../functions/call.ts'
import type { Place, Reporter } from '../reporter.ts'

export interface ValueRules {
  readonly types: DataTypeSource
  /** For messages: `node 'vm'`. */
  readonly owner: string
  /** For messages: the type whose schema it is. */
  readonly typeName: string
  /** What that type is derived from, root first, the type itself last. */
  readonly hierarchy?: readonly string[]
  /** False: missing values are left out quietly, as in a default that others complete. */
  readonly requiresAll: boolean
  readonly reporter: Reporter
  /** Undeclared keys are kept instead of refused: operation inputs. */
  readonly keepsUnknown?: boolean
  placeOf(path: readonly string[]): Place
}

/** A dict with a schema: unknown keys are refused, defaults put in, missing required ones reported. */
export function completeRecord(
  given: JsonObject,
  schema: Schema,
  defaults: JsonObject,
  rules: ValueRules,
  path: readonly string[] = [],
): JsonObject {
  if (rules.keepsUnknown !== true || path.length > 0) refuseUnknown(given, schema, rules, path)
  const isExternal = isExternalResource(given, defaults, rules, path)
  const result: Record<string, Json> = {}
  for (const [name, property] of schema.properties) {
    const isGiven = Object.hasOwn(given, name)
    const hasDefault = Object.hasOwn(defaults, name)
    if (!isGiven && !hasDefault) {
      if (rules.requiresAll && property.required !== false && !isExternal) missing(name, property.type, rules, path)
      continue
    }
    const value = (isGiven ? given[name] : defaults[name]) as Json
    const { type } = property
    // A default was checked where it was written; only data types can still miss something here.
    if (type === undefined || (!isGiven && primitiveTypes.has(type))) result[name] = value
    else result[name] = completeValue(value, type, hasDefault ? defaults[name] : undefined, rules, [...path, name])
  }
  if (rules.keepsUnknown === true && path.length === 0) keepUnknown(given, schema, result)
  return result
}

export function completeValue(
  value: Json,
  type: string,
  inherited: Json | undefined,
  rules: ValueRules,
  path: readonly string[],
): Json {
  if (isCall(value)) return value
  if (primitiveTypes.has(type)) {
    const fits = fitsPrimitive(value, type) && !(type === 'integer' && isWrittenAsFloat(rules.placeOf(path)))
    if (!fits) wrongType(value, type, rules, path)
    return value
  }
  const dataType = rules.types.get(type)
  if (dataType === undefined) return value
  if (!isJsonObject(value)) {
    wrongType(value, type, rules, path)
    return value
  }
  const { schema } = dataType
  const defaults = isJsonObject(inherited) ? { ...schema.defaults, ...inherited } : schema.defaults
  return completeRecord(value, schema, defaults, { ...rules, typeName: type, hierarchy: [] }, path)
}

function refuseUnknown(given: JsonObject, schema: Schema, rules: ValueRules, path: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (schema.properties.has(name)) continue
    const place: Place = { ...rules.placeOf([...path, name]), aim: 'key' }
    const property = [...path, name].join('.')
    const near = didYouMean(name, schema.properties.keys()) ?? list(schema)
    rules.reporter.add('blueprint.unknown_property', place, {
      owner: rules.owner,
      property,
      type: `'${rules.typeName}'${derivation(rules)}`,
      near,
    })
  }
}

function list(schema: Schema): string {
  const names = [...schema.properties.keys()]
  return names.length === 0
    ? 'the type has no properties'
    : `it has ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', ...' : ''}`
}

function keepUnknown(given: JsonObject, schema: Schema, result: Record<string, Json>): void {
  for (const name of Object.keys(given)) {
    if (!schema.properties.has(name)) result[name] = given[name] as Json
  }
}

function isExternalResource(
  given: JsonObject,
  defaults: JsonObject,
  rules: ValueRules,
  path: readonly string[],
): boolean {
  const name = 'use_external_resource'
  const value = Object.hasOwn(given, name) ? given[name] : defaults[name]
  if (isCall(value)) {
    rules.reporter.add('blueprint.external_by_function', rules.placeOf([...path, name]), { owner: rules.owner })
  }
  return value !== undefined && value !== false && value !== null && value !== '' && value !== 0
}

function missing(name: string, type: string | undefined, rules: ValueRules, path: readonly string[]): void {
  rules.reporter.add(
    'blueprint.missing_property',
    { ...rules.placeOf(path), aim: 'key' },
    {
      owner: rules.owner,
      property: [...path, name].join('.'),
      type: `${type === undefined ? '' : ` (${type})`}${derivation(rules)}`,
    },
  )
}

/** Where a property may come from: ` [a <- b <- c]`, the nearest first; nothing for a type that stands alone. */
function derivation({ hierarchy = [] }: ValueRules): string {
  return hierarchy.length < 2 ? '' : ` [${hierarchy.toReversed().join(' <- ')}]`
}

function wrongType(value: Json, type: string, rules: ValueRules, path: readonly string[]): void {
  rules.reporter.add('blueprint.wrong_type', rules.placeOf(path), {
    owner: rules.owner,
    property: path.join('.'),
    expected: primitiveTypes.has(type) ? `${expectedOf(type)} (${type})` : `a dict of type ${type}`,
    found: describeValue(value),
  })
}
