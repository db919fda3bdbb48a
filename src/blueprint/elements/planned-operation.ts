// A merged operation in the form of the plan: implementation mapped to a plugin, inputs complete.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { type Element, placeIn } from '../document.ts'
import { readCall, holdsCall } from '../functions/call.ts'
import { completeRecord } from '../merging/complete-value.ts'
import type { MergedOperation } from '../merging/merge-operation.ts'
import type { PlannedOperation } from '../plan.ts'
import type { ProblemCode } from '../problem-table.ts'
import type { Path } from '../source/source-file.ts'
import type { Scene } from './scene.ts'
import { functionNamed } from '../functions/registry.ts'

export interface OperationSite {
  /** Where the implementation is written. */
  readonly element: Element
  readonly path: Path
  /** Where inputs are given, when that is elsewhere. */
  readonly givenBy: Element
  readonly givenPath: Path
  /** For messages: `node 'vm'`. */
  readonly owner: string
  readonly operation: string
  readonly unmapped: ProblemCode
}

export const doesNothing: PlannedOperation = {
  plugin: '',
  operation: '',
  executor: null,
  inputs: {},
  hasIntrinsicFunctions: false,
  maxRetries: null,
  retryInterval: null,
  timeout: null,
  timeoutRecoverable: null,
}

export function planOperation(merged: MergedOperation, site: OperationSite, scene: Scene): PlannedOperation {
  const inputs = completeInputs(merged, site, scene)
  if (merged.implementation === '') return doesNothing
  const { reporter } = scene.build
  const mapping = scene.mapper.map(merged.implementation, site.element)
  const place = placeIn(site.element, ...site.path, 'implementation')
  const details = { owner: site.owner, implementation: oneLine(merged.implementation), operation: site.operation }
  if ('failure' in mapping) {
    if (mapping.failure === 'ambiguous') {
      reporter.add('blueprint.ambiguous_plugin', place, { ...details, plugins: mapping.plugins.join(', ') })
    } else if (mapping.failure === 'no_script_plugin') reporter.add('blueprint.no_script_plugin', place, details)
    else reporter.add(site.unmapped, place, { ...details, near: mapping.near })
    return doesNothing
  }
  const { script } = mapping
  if (script !== undefined && Object.hasOwn(inputs, script.input)) {
    reporter.add('blueprint.script_input', placeIn(site.givenBy, ...site.givenPath, 'inputs', script.input), {
      ...details,
      input: script.input,
    })
  }
  return {
    plugin: mapping.plugin,
    operation: mapping.operation,
    executor:
      merged.executor ?? (script === undefined ? (scene.plugins.get(mapping.plugin)?.executor ?? null) : 'auto'),
    inputs: script === undefined ? inputs : { ...inputs, [script.input]: script.value },
    hasIntrinsicFunctions: holdsRuntimeCall(inputs),
    maxRetries: merged.maxRetries,
    retryInterval: merged.retryInterval,
    timeout: merged.timeout,
    timeoutRecoverable: merged.timeoutRecoverable,
    ...inputTypesOf(merged),
  }
}

function inputTypesOf({ declared }: MergedOperation): Pick<PlannedOperation, 'inputTypes'> {
  const types = [...declared.properties].flatMap(([name, { type }]) =>
    type === undefined ? [] : [[name, type] as const],
  )
  return types.length === 0 ? {} : { inputTypes: Object.fromEntries(types) }
}

function completeInputs(merged: MergedOperation, site: OperationSite, scene: Scene): JsonObject {
  const { declared, given } = merged
  if (declared.properties.size === 0) return given
  const inputs = completeRecord(given, declared, declared.defaults, {
    types: scene.types,
    owner: `${site.owner}, operation '${site.operation}'`,
    typeName: 'its type',
    requiresAll: true,
    reporter: scene.build.reporter,
    keepsUnknown: true,
    placeOf: (path) => placeIn(site.givenBy, ...site.givenPath, 'inputs', ...path),
  })
  return withReturnTypes(inputs, merged)
}

/** A function given for a typed input knows which type is wanted of it. */
function withReturnTypes(inputs: JsonObject, { declared }: MergedOperation): JsonObject {
  let result = inputs
  for (const [name, { type }] of declared.properties) {
    const call = type === undefined ? undefined : readCall(inputs[name])
    if (call === undefined || type === undefined) continue
    result = { ...result, [name]: { ...(inputs[name] as JsonObject), type } }
  }
  return result
}

/** True when something is left that only a running deployment can tell. */
function holdsRuntimeCall(value: Json): boolean {
  if (!holdsCall(value)) return false
  const call = readCall(value)
  if (call !== undefined && functionNamed(call.name).evaluated === 'run') return true
  return Object.values(value as JsonObject).some((item) => holdsRuntimeCall(item))
}

function oneLine(text: string): string {
  const [first = '', ...more] = text.split('\n')
  return more.length === 0 ? first : `${first} ...`
}
