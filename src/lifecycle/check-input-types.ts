// Holds what an operation is given against the types that the blueprint declares for its inputs.
import { expectedOf, fitsPrimitive, primitiveTypes } from '../blueprint/elements/primitive-types.ts'
import { fault } from '../kernel/fault.ts'
import { isJsonObject, type JsonObject } from '../kernel/json.ts'

/** Inputs that nobody gave a value are no matter of types. @throws Fault `plan.bad_operation_input` */
export function checkInputTypes(
  types: Readonly<Record<string, string>> | undefined,
  inputs: JsonObject,
  node: string,
  operation: string,
): void {
  for (const [input, type] of Object.entries(types ?? {})) {
    const value = Object.hasOwn(inputs, input) ? inputs[input] : null
    if (value === null || value === undefined) continue
    const isFitting = primitiveTypes.has(type) ? fitsPrimitive(value, type) : isJsonObject(value)
    if (isFitting) continue
    const expected = primitiveTypes.has(type) ? expectedOf(type) : `a dict of type ${type}`
    throw fault('plan.bad_operation_input', { details: { node, operation, input, reason: `must be ${expected}` } })
  }
}
