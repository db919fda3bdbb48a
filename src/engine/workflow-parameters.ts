// What a workflow is given: the user's values over the blueprint's defaults over its own, in the types it asks for.
import type { ParameterSchema } from '../blueprint/plan.ts'
import { fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { checkParameters } from '../lifecycle/check-inputs.ts'
import { suggestion } from '../lifecycle/selection.ts'
import { propertiesOf, type PropertySchema, type ResolvedWorkflow } from './workflow-table.ts'

/** @throws Fault `plan.unknown_parameter`, `plan.missing_parameter`, `plan.bad_parameter` */
export function workflowParameters(workflow: ResolvedWorkflow, given: JsonObject, allowCustom: boolean): JsonObject {
  const own = propertiesOf(workflow.definition)
  const { declared } = workflow
  const known = new Set([...Object.keys(own), ...Object.keys(declared)])
  const values: Record<string, Json> = {}
  for (const name of known) {
    const value = given[name] ?? declared[name]?.default ?? own[name]?.default
    if (value !== undefined) values[name] = coerce(value, typesOf(own[name], declared[name]))
    else if (isRequired(name, workflow)) throw missing(workflow.name, name)
  }
  for (const [name, value] of Object.entries(given)) {
    if (known.has(name)) continue
    if (!allowCustom) throw unknown(workflow.name, name, [...known])
    values[name] = value
  }
  const problem = checkParameters(workflow.definition.parameters, values)
  if (problem) throw fault('plan.bad_parameter', { details: { workflow: workflow.name, ...problem } })
  return values
}

// As in Cloudify, what a blueprint declares without a default must be given, unless it says otherwise.
function isRequired(name: string, { definition, declared }: ResolvedWorkflow): boolean {
  const parameter = declared[name]
  if (parameter) return parameter.required !== false
  return ((definition.parameters as { required?: readonly string[] }).required ?? []).includes(name)
}

function typesOf(own: PropertySchema | undefined, declared: ParameterSchema | undefined): readonly string[] {
  const types = own?.anyOf?.map((schema) => schema.type) ?? [own?.type]
  return [...types, declared?.type].filter((type) => type !== undefined)
}

/** The command line and old clients send texts: `false`, `5`, `a,b`. A text that does not fit is left for the check to name. */
function coerce(value: Json, types: readonly string[]): Json {
  const wants = (...names: string[]): boolean => names.some((name) => types.includes(name))
  if (typeof value !== 'string') {
    const isPlain = typeof value === 'number' || typeof value === 'boolean'
    return isPlain && wants('string') && !wants('number', 'float', 'integer', 'boolean') ? String(value) : value
  }
  if (wants('boolean') && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  if (wants('integer', 'number', 'float') && !wants('string') && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  if (wants('array', 'list')) return value === '' ? [] : value.split(',').map((item) => item.trim())
  return value
}

function missing(workflow: string, parameter: string): Error {
  return fault('plan.missing_parameter', { details: { workflow, parameter } })
}

function unknown(workflow: string, parameter: string, known: readonly string[]): Error {
  const near = `${suggestion(parameter, known)} (pass --allow-custom-parameters to hand it on as it is)`
  return fault('plan.unknown_parameter', { details: { workflow, parameter, near } })
}
