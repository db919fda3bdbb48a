// Runs one record through the parser and says in what the answer differs from the peer's.
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { isJsonObject } from '../../src/kernel/json.ts'
import { parseBlueprint } from '../../src/blueprint/parse-blueprint.ts'
import { prepareDeployment } from '../../src/blueprint/prepare-deployment.ts'
import type { Problem } from '../../src/blueprint/problem.ts'
import { summarizeDeployment, summarizePlan } from '../../src/blueprint/summarize.ts'
import type { ConformanceRecord } from './records.ts'

type Answer = { readonly plan: JsonObject } | { readonly problems: readonly Problem[] }

/** Lists whose order is the peer's accident, by key. */
const unordered = new Set([
  'nodes',
  'plugins',
  'plugins_to_install',
  'deployment_plugins_to_install',
  'host_agent_plugins_to_install',
  'workflow_plugins_to_install',
  'short_names',
  'members',
  'instance_edges',
  'secrets',
  'parent_capabilities',
  'imported_blueprints',
])

/** Not compared: dependencies between deployments are found when they run. */
const passedOver = new Set(['inter_deployment_functions'])

export function answerTo(record: ConformanceRecord): Answer {
  const { options = {}, files = {}, urls = {}, blueprints = {} } = record
  const basePath = options.resources_base_path ?? record.blueprint_resources_base_path
  const parsed = parseBlueprint({
    main: record.yaml,
    files,
    urls,
    blueprints,
    options: {
      location: options.dsl_location ?? 'blueprint.yaml',
      ...(basePath === undefined ? {} : { basePath }),
      checkVersion: options.validate_version ?? true,
      checkFunctions: options.validate_intrinsic_function ?? true,
      checkInputDefaults: options.validate_input_defaults ?? true,
    },
  })
  if (parsed.problems !== undefined) return { problems: parsed.problems }
  if (record.stage === 'parse') return { plan: summarizePlan(parsed.plan) }
  let count = 0
  const store = record.secret_store
  const prepared = prepareDeployment(parsed.plan, {
    inputs: record.inputs ?? {},
    ...(store === undefined ? {} : { secrets: Object.keys(store).filter((name) => store[name] === 'found') }),
    newSuffix: () => String((count += 1)).padStart(6, '0'),
    correctTypes: options.auto_correct_types ?? false,
    runtimeOnly: options.runtime_only_evaluation ?? false,
  })
  if (prepared.problems !== undefined) return { problems: prepared.problems }
  return { plan: summarizeDeployment(prepared.deployment) }
}

/** undefined when the answer agrees. */
export function disagreement(record: ConformanceRecord): string | undefined {
  const answer = answerTo(record)
  if ('problems' in answer) {
    const found = answer.problems.map(({ alias, message }) => `${alias ?? '-'} ${message}`).join('; ')
    if (record.outcome === 'ok') return `${record.id}: refused: ${found}`
    const code = record.error?.code
    const agrees = code === undefined || answer.problems.some(({ alias }) => alias === code)
    return agrees ? undefined : `${record.id}: error ${code} expected, but: ${found}`
  }
  if (record.outcome === 'error') return `${record.id}: accepted, but expected: ${record.error?.message ?? ''}`
  const left = comparable(record.plan ?? {}, record)
  const right = comparable(answer.plan, record)
  const difference = firstDifference(left, right, 'plan')
  return difference === undefined ? undefined : `${record.id}: ${difference}`
}

function comparable(plan: JsonObject, record: ConformanceRecord): Json {
  const kept = Object.entries(plan).filter(
    ([key]) => !passedOver.has(key) && !(record.varies ?? []).includes(`plan.${key}`),
  )
  return normal(Object.fromEntries(kept.map(([key, value]) => [key, key === 'node_instances' ? byId(value) : value])))
}

/** Instances by id, their relationships in one order: the peer's order is that of its sets. */
function byId(instances: Json): JsonObject {
  return Object.fromEntries(
    (instances as readonly JsonObject[]).map((instance) => {
      const relationships = (instance['relationships'] ?? []) as readonly Json[]
      return [
        String(instance['id']),
        { ...instance, relationships: relationships.map((edge) => JSON.stringify(edge)).sort() },
      ]
    }),
  )
}

export const sortedByKey = (value: Json): Json => normal(value)

function normal(value: Json, key = ''): Json {
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => normal(item))
    if (!unordered.has(key)) return items
    return items.sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1))
  }
  if (!isJsonObject(value)) return value
  const sorted = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(sorted.map(([name, item]) => [name, normal(item, name)]))
}

export function firstDifference(expected: Json | undefined, found: Json | undefined, path: string): string | undefined {
  if (JSON.stringify(expected) === JSON.stringify(found)) return undefined
  const isSameKind = Array.isArray(expected) === Array.isArray(found)
  if (isSameKind && typeof expected === 'object' && typeof found === 'object' && expected !== null && found !== null) {
    const left = expected as JsonObject
    const right = found as JsonObject
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const difference = firstDifference(left[key], right[key], `${path}.${key}`)
      if (difference !== undefined) return difference
    }
  }
  return `${path}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`
}
