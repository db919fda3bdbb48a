// The inputs of a deployment: given values, defaults, types and constraints.
import type { Json, JsonObject } from '../kernel/json.ts'
import { isJsonObject } from '../kernel/json.ts'
import { didYouMean } from '../kernel/near.ts'
import { violated } from './elements/constraint.ts'
import type { DataType, DataTypeSource } from './elements/data-type.ts'
import { expectedOf, fitsPrimitive, primitiveTypes } from './elements/primitive-types.ts'
import { type PropertySchema, schemaOf } from './elements/property-schema.ts'
import { describeValue } from './elements/shape.ts'
import { isCall } from './functions/call.ts'
import { completeValue, type ValueRules } from './merging/complete-value.ts'
import type { ParameterSchema, Plan } from './plan.ts'
import { Reporter, type Place } from './reporter.ts'

interface InputOptions {
  readonly reporter: Reporter
  /** `"5"` counts as 5 where an integer is wanted. */
  readonly correctsTypes: boolean
}

/** Every declared input with its value. Problems go to the reporter. */
export function settleInputs(plan: Plan, given: JsonObject, options: InputOptions): JsonObject {
  const { reporter } = options
  const types = typesOf(plan)
  const result: Record<string, Json> = {}
  for (const name of Object.keys(plan.inputs)) {
    const value = settleOne(name, plan.inputs[name] ?? {}, given, types, options)
    if (value !== undefined) result[name] = value
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(plan.inputs, name)) continue
    const known = Object.keys(plan.inputs)
    const near =
      didYouMean(name, known) ?? (known.length === 0 ? 'the blueprint has no inputs' : `inputs: ${known.join(', ')}`)
    reporter.add('blueprint.unknown_input', placeOf(name), { input: name, near })
  }
  return result
}

function placeOf(name: string): Place {
  return { source: undefined, path: ['inputs', name] }
}

function settleOne(
  name: string,
  schema: ParameterSchema,
  given: JsonObject,
  types: DataTypeSource,
  options: InputOptions,
): Json | undefined {
  const chosen = Object.hasOwn(given, name) ? (given[name] as Json) : (schema.default ?? assembled(schema, types))
  if (chosen === undefined) {
    if (schema.required === false) return null
    options.reporter.add('blueprint.missing_input', placeOf(name), { input: name })
    return undefined
  }
  const value = options.correctsTypes ? corrected(chosen, schema.type) : chosen
  if (!meetsConstraints(name, value, schema, options.reporter)) return value
  return completed(name, value, schema, types, options.reporter)
}

/** A data type may give all of a value by its defaults. */
function assembled(schema: ParameterSchema, types: DataTypeSource): Json | undefined {
  const { type } = schema
  if (type === undefined || primitiveTypes.has(type)) return undefined
  const attempt = new Reporter()
  const value = completeValue({}, type, undefined, rulesFor('', type, types, attempt), [])
  const isUseful = attempt.count === 0 && isJsonObject(value) && Object.keys(value).length > 0
  return isUseful ? value : undefined
}

function meetsConstraints(name: string, value: Json, schema: ParameterSchema, reporter: Reporter): boolean {
  const { constraints } = schema
  if (!Array.isArray(constraints) || constraints.length === 0) return checkItems(name, value, schema, reporter)
  if (isCall(value)) {
    reporter.add('blueprint.constraint_on_function', placeOf(name), { input: name })
    return false
  }
  const items = schema.item_type !== undefined && Array.isArray(value) ? (value as readonly Json[]) : [value]
  for (const item of items) {
    const constraint = violated(item, constraints as readonly Json[])
    if (constraint === undefined) continue
    reporter.add('blueprint.constraint_violated', placeOf(name), {
      input: name,
      found: describeValue(item),
      constraint,
    })
    return false
  }
  return checkItems(name, value, schema, reporter)
}

function checkItems(name: string, value: Json, schema: ParameterSchema, reporter: Reporter): boolean {
  const type = schema.item_type
  if (type === undefined || !Array.isArray(value)) return true
  const bad = (value as readonly Json[]).find((item) => !isCall(item) && !fitsPrimitive(item, type))
  if (bad === undefined) return true
  const reason = `each entry must be ${expectedOf(type)}, one is ${describeValue(bad)}`
  reporter.add('blueprint.input_type', placeOf(name), { input: name, reason })
  return false
}

function completed(
  name: string,
  value: Json,
  schema: ParameterSchema,
  types: DataTypeSource,
  reporter: Reporter,
): Json {
  const { type } = schema
  if (type === undefined || (value === null && schema.required === false)) return value
  const attempt = new Reporter()
  const result = completeValue(value, type, undefined, rulesFor(name, type, types, attempt), [])
  for (const problem of attempt.problems()) {
    const isPrimitive = primitiveTypes.has(type)
    const reason = isPrimitive ? `it must be ${expectedOf(type)}, this is ${describeValue(value)}` : problem.message
    reporter.add('blueprint.input_type', placeOf(name), { input: name, reason })
  }
  return result
}

function rulesFor(name: string, type: string, types: DataTypeSource, reporter: Reporter): ValueRules {
  return {
    types,
    owner: `input '${name}'`,
    typeName: type,
    requiresAll: true,
    reporter,
    placeOf: (path) => ({ source: undefined, path: ['inputs', name, ...path] }),
  }
}

function corrected(value: Json, type: string | undefined): Json {
  if (typeof value !== 'string') return value
  if (type === 'integer' && /^[-+]?\d+$/.test(value.trim())) return Number(value)
  if (type === 'float' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

/** The data types of a finished plan. */
function typesOf(plan: Plan): DataTypeSource {
  const known = new Map<string, DataType>()
  return {
    get(name) {
      const present = known.get(name)
      if (present !== undefined) return present
      const written = Object.hasOwn(plan.dataTypes, name) ? plan.dataTypes[name] : undefined
      const properties =
        isJsonObject(written) && isJsonObject(written['properties']) ? written['properties'] : undefined
      if (properties === undefined) return undefined
      const schema = schemaOf(new Map(Object.entries(properties) as [string, PropertySchema][]))
      const type: DataType = { name, schema }
      known.set(name, type)
      return type
    },
  }
}
