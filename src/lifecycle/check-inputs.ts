// Checks what an operation is given against the schema it declares, and fills in defaults.
import { createRequire } from 'node:module'
import type { Ajv, ValidateFunction } from 'ajv'
import type { TSchema } from 'typebox'
import { fault } from '../kernel/fault.ts'
import type { JsonObject } from '../kernel/json.ts'
import { isPlainlyValid } from './plainly-valid.ts'

const compiled = new WeakMap<TSchema, ValidateFunction>()
let ajv: Ajv | undefined
type Keywords = Readonly<Record<string, unknown>>

/** @throws Fault `plan.bad_operation_input` naming node, operation and input. */
export function checkInputs(
  schema: TSchema | undefined,
  inputs: JsonObject,
  node: string,
  operation: string,
): JsonObject {
  if (!schema) return inputs
  const copy = structuredClone(inputs)
  if (isPlainlyValid(schema as Keywords, copy)) return copy
  const check = validatorOf(schema)
  if (check(copy)) return copy
  const { parameter, reason } = firstProblem(check)
  throw fault('plan.bad_operation_input', { details: { node, operation, input: parameter, reason } })
}

export interface ParameterProblem {
  readonly [key: string]: string
  readonly parameter: string
  readonly reason: string
}

/** What is wrong with a workflow's parameters; undefined when nothing is. */
export function checkParameters(schema: TSchema, values: JsonObject): ParameterProblem | undefined {
  if (isPlainlyValid(schema as Keywords, values)) return undefined
  const check = validatorOf(schema)
  return check(structuredClone(values)) ? undefined : firstProblem(check)
}

function firstProblem(check: ValidateFunction): ParameterProblem {
  const problem = check.errors?.[0]
  const missing: unknown = problem?.params['missingProperty']
  const parameter = typeof missing === 'string' ? missing : (problem?.instancePath.slice(1) ?? '').replaceAll('/', '.')
  const allowed: unknown = problem?.params['allowedValues']
  if (Array.isArray(allowed))
    return { parameter, reason: `must be one of ${allowed.filter((value) => value !== null).join(', ')}` }
  return { parameter, reason: problem?.message ?? 'is not valid' }
}

function validatorOf(schema: TSchema): ValidateFunction {
  ajv ??= newAjv()
  let check = compiled.get(schema)
  if (!check) {
    check = ajv.compile(schema)
    compiled.set(schema, check)
  }
  return check
}

// Loaded by the first value that needs it: few do.
function newAjv(): Ajv {
  const { Ajv: Validator } = createRequire(import.meta.url)('ajv') as typeof import('ajv')
  return new Validator({ useDefaults: true, strict: false })
}
