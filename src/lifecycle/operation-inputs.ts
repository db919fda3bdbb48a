// What an operation is given as inputs: what the plan says, functions evaluated, with the workflow's own on top.
import type { PlannedOperation } from '../blueprint/plan.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { PluginOperation } from '../plugins/contract/operation.ts'
import { checkInputTypes } from './check-input-types.ts'
import { checkInputs } from './check-inputs.ts'
import { scopeOf, type ContextRequest } from './operation-context.ts'
import type { Site } from './site.ts'

export interface InputsRequest extends Pick<ContextRequest, 'member' | 'relationship'> {
  /** Full name. */
  readonly operation: string
  readonly planned: PlannedOperation
  /** Win over the planned inputs of the same name. */
  readonly inputs: JsonObject
}

/** @throws Fault `plan.bad_operation_input`, `plan.function_failed` */
export async function operationInputs(
  site: Site,
  request: InputsRequest,
  operation: Pick<PluginOperation, 'inputs'>,
): Promise<JsonObject> {
  const { planned, inputs, member } = request
  const own = planned.hasIntrinsicFunctions
    ? ((await site.evaluate(planned.inputs, scopeOf(request))) as JsonObject)
    : planned.inputs
  const given = { ...own, ...inputs }
  checkInputTypes(planned.inputTypes, given, member.node.id, request.operation)
  return checkInputs(operation.inputs, given, member.node.id, request.operation)
}
