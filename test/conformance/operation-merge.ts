// A record of two merged operations as a blueprint: what the plan says of the operation must be what the peer merged.
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { isJsonObject } from '../../src/kernel/json.ts'
import { parseBlueprint } from '../../src/blueprint/parse-blueprint.ts'
import type { PlannedOperation } from '../../src/blueprint/plan.ts'
import { firstDifference } from './compare.ts'
import type { ConformanceRecord } from './records.ts'

export function mergeDisagreement(record: ConformanceRecord): string | undefined {
  const given = (record.args?.['kw'] ?? {}) as JsonObject
  const operation = planned(
    record.merger ?? '',
    given['overridden_operation'] ?? null,
    given['overriding_operation'] ?? null,
  )
  const expected = record.result ?? null
  if (!isJsonObject(expected)) return operation === undefined ? undefined : `${record.id}: no operation expected`
  const difference = firstDifference(settings(expected), operation === undefined ? null : found(operation), 'operation')
  return difference === undefined ? undefined : `${record.id}: ${difference}`
}

function planned(merger: string, overridden: Json, overriding: Json): PlannedOperation | undefined {
  const isTemplate = merger.startsWith('NodeTemplate')
  const interfaces = (operation: Json): JsonObject =>
    operation === null ? {} : { interfaces: { one: { op: operation } } }
  const blueprint = {
    tosca_definitions_version: 'cloudify_dsl_1_3',
    plugins: { mock: { executor: 'central_deployment_agent', install: false } },
    node_types: {
      'cloudify.nodes.Compute': interfaces(overridden),
      child: { derived_from: 'cloudify.nodes.Compute', ...(isTemplate ? {} : interfaces(overriding)) },
    },
    node_templates: { node: { type: 'child', ...(isTemplate ? interfaces(overriding) : {}) } },
  }
  const result = parseBlueprint({ main: `${JSON.stringify(blueprint)}\n` })
  if (result.problems !== undefined) throw new Error(result.problems.map(({ message }) => message).join('; '))
  return result.plan.nodes[0]?.operations['one.op']
}

function found(operation: PlannedOperation): JsonObject {
  const { plugin, executor, inputs, maxRetries, retryInterval, timeout, timeoutRecoverable } = operation
  return {
    implementation: plugin === '' ? '' : `${plugin}.${operation.operation}`,
    inputs,
    // The plan resolves what is not said to the plugin's executor.
    executor: plugin !== '' && executor === 'host_agent' ? executor : null,
    max_retries: maxRetries,
    retry_interval: retryInterval,
    timeout,
    timeout_recoverable: timeoutRecoverable,
  }
}

/** What of the peer's result a plan can show: an operation without implementation does nothing, whatever else it says. */
function settings(result: JsonObject): JsonObject {
  const isNothing = result['implementation'] === ''
  return {
    implementation: result['implementation'] ?? '',
    inputs: isNothing ? {} : values(result['inputs'] ?? {}),
    executor: !isNothing && result['executor'] === 'host_agent' ? 'host_agent' : null,
    max_retries: result['max_retries'] ?? null,
    retry_interval: result['retry_interval'] ?? null,
    timeout: result['timeout'] ?? null,
    timeout_recoverable: result['timeout_recoverable'] ?? null,
  }
}

/** A type's inputs are schemas; a template inherits their defaults. */
function values(inputs: Json): JsonObject {
  if (!isJsonObject(inputs)) return {}
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, isJsonObject(value) ? (value['default'] ?? null) : value]),
  )
}
