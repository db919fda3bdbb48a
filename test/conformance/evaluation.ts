// A record of functions evaluated in a running deployment: the storage of the record answers the questions.
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { isJsonObject } from '../../src/kernel/json.ts'
import { Fault } from '../../src/kernel/fault.ts'
import { evaluateFunctions, type EvaluationScope } from '../../src/blueprint/evaluate-functions.ts'
import type { Answer, InstanceAnswer, Question } from '../../src/blueprint/functions/function.ts'
import { firstDifference } from './compare.ts'
import type { ConformanceRecord } from './records.ts'

export async function evaluationDisagreement(record: ConformanceRecord): Promise<string | undefined> {
  const { args = {} } = record
  const storage = record.storage ?? {}
  const context = isJsonObject(args['context']) ? (args['context'] as Readonly<Record<string, string>>) : {}
  const node = isJsonObject(args['node']) ? args['node'] : undefined
  const scope: EvaluationScope = {
    ...context,
    ...(node === undefined ? {} : { self: String(node['id']) }),
    forgives: record.function === 'evaluate_outputs' || record.function === 'evaluate_capabilities',
    answer: async (question) => answer(question, storage),
  }
  try {
    const value = await evaluateFunctions(payloadOf(record, args), scope)
    if (record.outcome === 'error')
      return `${record.id}: gave ${JSON.stringify(value)}, expected ${record.error?.message ?? ''}`
    const difference = firstDifference(expectedOf(record), value, 'result')
    return difference === undefined ? undefined : `${record.id}: ${difference}`
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return record.outcome === 'error' ? undefined : `${record.id}: ${thrown.message}`
  }
}

function payloadOf(record: ConformanceRecord, args: JsonObject): Json {
  if (record.function === 'evaluate_node_functions') return (args['node'] as JsonObject)['properties'] ?? {}
  if (record.function === 'evaluate_capabilities') return valuesOf(args['capabilities'])
  if (record.function === 'evaluate_outputs') return valuesOf(args['outputs_def'] ?? args['outputs'])
  return args['payload'] ?? {}
}

function expectedOf(record: ConformanceRecord): Json {
  const result = record.result ?? null
  return record.function === 'evaluate_node_functions' ? ((result as JsonObject)['properties'] ?? {}) : result
}

function valuesOf(table: Json | undefined): JsonObject {
  if (!isJsonObject(table)) return {}
  return Object.fromEntries(
    Object.entries(table).map(([name, entry]) => [name, (entry as JsonObject)['value'] ?? null]),
  )
}

function answer(question: Question, storage: JsonObject): Answer {
  const list = (name: string): readonly JsonObject[] => (storage[name] ?? []) as readonly JsonObject[]
  const instances = (): InstanceAnswer[] => list('node_instances').map((instance) => instanceAnswer(instance, storage))
  switch (question.ask) {
    case 'node': {
      const node = list('nodes').find((candidate) => candidate['id'] === question.id)
      return node && { id: question.id, properties: (node['properties'] ?? {}) as JsonObject }
    }
    case 'instance': {
      const known = instances().find(({ id }) => id === question.id)
      const node = list('nodes').find((candidate) => candidate['id'] === question.id)
      return known ?? (node && instanceAnswer({ id: question.id, node_id: question.id }, storage))
    }
    case 'instances':
      return instances().filter(({ nodeId }) => nodeId === question.nodeId)
    case 'input':
      return (storage['inputs'] as JsonObject | undefined)?.[question.name]
    case 'secret':
      return storage['secrets'] === undefined
        ? `${question.name}_value`
        : (storage['secrets'] as JsonObject)[question.name]
    case 'label':
      return labelValues(storage['labels'], question.key)
    case 'capability':
      return follow((storage['capabilities'] as JsonObject)[question.deployment], question.path)
    case 'environment_capability':
      return follow((storage['capabilities'] as JsonObject)[parentOf(storage)], question.path)
    case 'group_capability':
      return groupCapability(storage['group_capabilities'], question.group, question.path)
    case 'consumers':
      return consumers(storage['consumers'], question.what)
    case 'sys':
      return undefined
    default:
      return question satisfies never
  }
}

function instanceAnswer(instance: JsonObject, storage: JsonObject): InstanceAnswer {
  const nodes = (storage['nodes'] ?? []) as readonly JsonObject[]
  const node = nodes.find((candidate) => candidate['id'] === instance['node_id'])
  const planned = (node?.['relationships'] ?? []) as readonly JsonObject[]
  const relationships = (instance['relationships'] ?? []) as readonly JsonObject[]
  return {
    id: String(instance['id']),
    nodeId: String(instance['node_id']),
    index: Number(instance['index'] ?? 1),
    runtimeProperties: (instance['runtime_properties'] ?? {}) as JsonObject,
    relationships: relationships.map((relationship) => {
      const target = relationship['target_name']
      const type = planned.find((candidate) => candidate['target_id'] === target)
      return {
        targetId: String(relationship['target_id']),
        targetNodeId: String(target),
        typeHierarchy: (type?.['type_hierarchy'] ?? []) as readonly string[],
      }
    }),
    scalingGroups: (instance['scaling_groups'] ?? []) as unknown as InstanceAnswer['scalingGroups'],
  }
}

function follow(value: Json | undefined, path: readonly Json[]): Json | undefined {
  let current = value
  for (const part of path) current = (current as JsonObject | undefined)?.[String(part)]
  return current
}

function labelValues(labels: Json | undefined, key: string): Json | undefined {
  return (labels as JsonObject | undefined)?.[key]
}

function parentOf(storage: JsonObject): string {
  const parent = labelValues(storage['labels'], 'csys-obj-parent')
  return String(Array.isArray(parent) ? parent[0] : parent)
}

function groupCapability(table: Json | undefined, group: string, path: readonly Json[]): Json | undefined {
  const entry = (table as JsonObject | undefined)?.[group]
  return follow(entry, path)
}

function consumers(table: Json | undefined, what: string): Json | undefined {
  const entries = (table ?? {}) as JsonObject
  const ids = Object.keys(entries)
  if (what === 'count') return ids.length
  return what === 'ids' ? ids : Object.values(entries)
}
