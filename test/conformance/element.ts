// A record of one element checked on its own: put where it belongs in a small blueprint, it is accepted or refused there.
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { parseBlueprint } from '../../src/blueprint/parse-blueprint.ts'
import type { ConformanceRecord } from './records.ts'

type Put = (value: Json) => JsonObject

const inType = (interfaces: Json): JsonObject => ({
  node_types: { t: { interfaces } },
  node_templates: { n: { type: 't' } },
})
const inTemplate = (interfaces: Json): JsonObject => ({
  node_types: { t: {} },
  node_templates: { n: { type: 't', interfaces } },
})

const places: Readonly<Record<string, Put>> = {
  NodeTypeInterfaces: inType,
  NodeTypeOperation: (operation) => inType({ one: { op: operation } }),
  NodeTemplateInterfaces: inTemplate,
  NodeTemplateOperation: (operation) => inTemplate({ one: { op: operation } }),
}

export function elementDisagreement(record: ConformanceRecord): string | undefined {
  const put = places[record.element ?? '']
  if (put === undefined) return `${record.id}: nobody knows where '${record.element}' belongs`
  const blueprint = {
    tosca_definitions_version: record.dsl_version ?? 'cloudify_dsl_1_3',
    plugins: { mock: { executor: 'central_deployment_agent', install: false } },
    ...put(record.value ?? null),
  }
  const { problems = [] } = parseBlueprint({ main: JSON.stringify(withHost(blueprint)) })
  const said = problems.map(({ message }) => message).join('; ')
  if (record.outcome === 'ok') return problems.length === 0 ? undefined : `${record.id}: refused: ${said}`
  const code = record.error?.code
  const agrees = problems.length > 0 && (code === undefined || problems.some(({ alias }) => alias === code))
  return agrees ? undefined : `${record.id}: ${said || 'accepted'}, but expected: ${record.error?.message ?? ''}`
}

/** An operation with executor host_agent needs a compute. */
function withHost(blueprint: JsonObject): JsonObject {
  const types = blueprint['node_types'] as JsonObject
  return {
    ...blueprint,
    node_types: {
      'cloudify.nodes.Compute': {},
      t: { ...(types['t'] as JsonObject), derived_from: 'cloudify.nodes.Compute' },
    },
  }
}
