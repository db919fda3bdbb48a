// Says of most values that are right that they are, without the validator: to load it and to compile a schema takes longer
// than a command on ten hosts. Whatever is unusual, wrong or incomplete is left to the validator and its words.
import type { Json } from '../kernel/json.ts'

type Schema = Readonly<Record<string, unknown>>
type Test = (value: Json, limit: unknown, schema: Schema) => boolean

const isNumber = (value: Json): value is number => typeof value === 'number' && Number.isFinite(value)
const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
const isMap = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const types: Readonly<Record<string, (value: Json) => boolean>> = {
  array: isList,
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => isNumber(value) && Number.isInteger(value),
  null: (value) => value === null,
  number: isNumber,
  object: isMap,
  string: (value) => typeof value === 'string',
}

const says = (): boolean => true

// A keyword that is not here is for the validator.
const tests: Readonly<Record<string, Test>> = {
  type: (value, type) => types[String(type)]?.(value) ?? false,
  enum: (value, all) => (all as readonly Json[]).includes(value),
  anyOf: (value, all) => (all as readonly Schema[]).some((one) => isPlainlyValid(one, value)),
  minimum: (value, limit) => !isNumber(value) || value >= Number(limit),
  maximum: (value, limit) => !isNumber(value) || value <= Number(limit),
  exclusiveMinimum: (value, limit) => !isNumber(value) || value > Number(limit),
  minItems: (value, limit) => !isList(value) || value.length >= Number(limit),
  items: (value, of) => !isList(value) || value.every((item) => isPlainlyValid(of as Schema, item)),
  // Like the validator, what is there as undefined is not there.
  required: (value, names) =>
    !isMap(value) ||
    (names as readonly string[]).every((name) => Object.hasOwn(value, name) && value[name] !== undefined),
  properties: (value, of) => !isMap(value) || Object.entries(of as Schema).every((one) => fits(value, one)),
  patternProperties: (value, of) => !isMap(value) || Object.entries(of as Schema).every((one) => allFit(value, one)),
  additionalProperties: (value, allowed, { properties = {} }) =>
    allowed === true ||
    (allowed === false &&
      isMap(value) &&
      Object.keys(value).every((name) => Object.hasOwn(properties as Schema, name))),
  default: says,
  description: says,
}

function fits(value: { readonly [key: string]: Json }, [name, schema]: [string, unknown]): boolean {
  const own = Object.hasOwn(value, name) ? value[name] : undefined
  // A default is filled in by the validator.
  return own === undefined ? !hasDefault(schema as Schema) : isPlainlyValid(schema as Schema, own)
}

const hasDefault = (schema: Schema): boolean => Object.hasOwn(schema, 'default')

function allFit(value: { readonly [key: string]: Json }, [pattern, schema]: [string, unknown]): boolean {
  return pattern === '^.*$' && Object.values(value).every((one) => isPlainlyValid(schema as Schema, one))
}

/** True: the value is what the schema wants, and no default is missing in it. False says nothing. */
export function isPlainlyValid(schema: Schema, value: Json): boolean {
  return Object.entries(schema).every(([keyword, limit]) => tests[keyword]?.(value, limit, schema) ?? false)
}
