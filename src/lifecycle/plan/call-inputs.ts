// The inputs that a planned call would get: functions evaluated as of now, checked like those of a real one, masked.
import { asFault, type Fault } from '../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { PluginOperation } from '../../plugins/contract/operation.ts'
import type { PlannedOperation } from '../../blueprint/plan.ts'
import { checkInputTypes } from '../check-input-types.ts'
import { checkInputs } from '../check-inputs.ts'
import type { EvaluationScope, Site } from '../site.ts'
import { asJson, isUnknown } from './unknown-value.ts'

export interface CallInputs {
  readonly inputs: JsonObject
  readonly unknown: readonly string[]
  readonly problems: readonly Fault[]
}

export interface InputsRequest {
  readonly planned: PlannedOperation
  /** Win over those of the plan. */
  readonly given: JsonObject
  readonly scope: EvaluationScope
  readonly node: string
  readonly operation: string
}

export async function callInputs(
  site: Site,
  found: PluginOperation | undefined,
  request: InputsRequest,
): Promise<CallInputs> {
  const { planned, given } = request
  const inputs: Record<string, Json> = {}
  const unknown = new Set<string>()
  const problems: Fault[] = []
  for (const [name, written] of Object.entries(planned.inputs)) {
    if (Object.hasOwn(given, name)) continue
    if (!planned.hasIntrinsicFunctions) {
      inputs[name] = written
      continue
    }
    try {
      const value = await site.evaluate(written, request.scope)
      inputs[name] = value
      if (value === null && readsAttributes(written)) unknown.add(name)
    } catch (thrown) {
      const problem = asFault(thrown)
      // What an operation will have set by then cannot be known; everything else would fail then as it fails now.
      if (problem.code !== 'plan.function_failed' || !readsAttributes(written)) problems.push(problem)
      inputs[name] = null
      unknown.add(name)
    }
  }
  for (const [name, value] of Object.entries(given)) {
    inputs[name] = asJson(value)
    if (isUnknown(value)) unknown.add(name)
  }
  const checked = problems.length > 0 ? inputs : check(found, inputs, unknown, request, problems)
  return { inputs: site.journal.redactor.json(checked), unknown: [...unknown], problems }
}

function check(
  found: PluginOperation | undefined,
  inputs: JsonObject,
  unknown: ReadonlySet<string>,
  { planned, node, operation }: InputsRequest,
  problems: Fault[],
): JsonObject {
  const known = Object.fromEntries(Object.entries(inputs).filter(([name]) => !unknown.has(name)))
  try {
    checkInputTypes(planned.inputTypes, known, node, operation)
    return { ...inputs, ...checkInputs(found?.inputs, known, node, operation) }
  } catch (thrown) {
    const problem = asFault(thrown)
    const [input = ''] = String(problem.details['input'] ?? '').split('.')
    if (!unknown.has(input)) problems.push(problem)
    return inputs
  }
}

const attributeReaders = ['get_attribute', 'get_attributes_list', 'get_attributes_dict', 'get_capability']

function readsAttributes(value: Json): boolean {
  if (Array.isArray(value)) return value.some(readsAttributes)
  if (!isJsonObject(value)) return false
  return Object.entries(value).some(([name, item]) => attributeReaders.includes(name) || readsAttributes(item))
}
