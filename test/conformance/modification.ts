// A record of a changed deployment: how many instances of each node were added, removed, or touched otherwise.
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { isJsonObject } from '../../src/kernel/json.ts'
import type { ChangedInstance } from '../../src/blueprint/instances/changes.ts'
import type { Wanted } from '../../src/blueprint/instances/resize.ts'
import { modifyDeployment, type ModifyResult } from '../../src/blueprint/modify-deployment.ts'
import { parseBlueprint } from '../../src/blueprint/parse-blueprint.ts'
import type { Deployment, Plan, PlannedInstance, PlannedNode } from '../../src/blueprint/plan.ts'
import { prepareDeployment } from '../../src/blueprint/prepare-deployment.ts'
import { firstDifference, sortedByKey } from './compare.ts'
import type { ConformanceRecord } from './records.ts'

/** undefined when the answer agrees. */
export function modificationDisagreement(record: ConformanceRecord): string | undefined {
  const newSuffix = suffixes()
  const deployment = before(record, newSuffix)
  if (typeof deployment === 'string') return `${record.id}: ${deployment}`
  const plan = newPlan(record, deployment.plan)
  if (typeof plan === 'string') return `${record.id}: ${plan}`
  const result = modifyDeployment(deployment, {
    newSuffix,
    scale: wishes(record, deployment),
    ...(plan === undefined ? {} : { plan }),
  })
  if (result.problems !== undefined) {
    const said = result.problems.map(({ message }) => message).join('; ')
    return record.outcome === 'error' ? undefined : `${record.id}: refused: ${said}`
  }
  if (record.outcome === 'error') return `${record.id}: accepted, but expected: ${record.error?.message ?? ''}`
  const difference = firstDifference(sortedByKey(record.result_counts ?? {}), sortedByKey(counts(result)), 'counts')
  return difference === undefined ? undefined : `${record.id}: ${difference}`
}

function suffixes(): () => string {
  let count = 0
  return () => String((count += 1)).padStart(6, '0')
}

/** The deployment of the record's text; with the record's own instances where it does not begin with those of the text. */
function before(record: ConformanceRecord, newSuffix: () => string): Deployment | string {
  const { files = {}, urls = {} } = record
  const parsed = parseBlueprint({ main: record.yaml, files, urls })
  if (parsed.problems !== undefined) return `refused: ${parsed.problems[0]?.message}`
  const prepared = prepareDeployment(parsed.plan, { newSuffix })
  if (prepared.problems !== undefined) return `not prepared: ${prepared.problems[0]?.message}`
  const written = record.previous_node_instances ?? []
  const { deployment } = prepared
  if (record.previous_is_plan_of_yaml === true && written.length === deployment.instances.length) return deployment
  return { ...deployment, instances: written.map((instance, index) => asWritten(instance, index, deployment.plan)) }
}

/** An instance of the record as it stands there: `db#0` with its relationships and groups. */
function asWritten(written: JsonObject, index: number, plan: Plan): PlannedInstance {
  const id = String(written['id'])
  const node = plan.nodes.find((candidate) => candidate.id === nodeOf(id))
  const relationships = (written['relationships'] ?? []) as readonly (readonly [string, string])[]
  const groups = (written['scaling_groups'] ?? []) as readonly string[]
  return {
    id,
    nodeId: nodeOf(id),
    index: index + 1,
    hostId: typeof written['host'] === 'string' ? written['host'] : null,
    relationships: relationships.map(([type, targetId]) => ({
      type,
      position: Math.max(
        0,
        (node?.relationships ?? []).findIndex((own) => own.type === type && own.target === nodeOf(targetId)),
      ),
      targetNodeId: nodeOf(targetId),
      targetId,
    })),
    scalingGroups: groups.map((group) => ({ name: nodeOf(group), id: group })),
  }
}

const nodeOf = (id: string): string => (id.includes('#') ? id.slice(0, id.lastIndexOf('#')) : id)

function newPlan(record: ConformanceRecord, plan: Plan): Plan | string | undefined {
  if (record.edited_nodes !== undefined)
    return { ...plan, nodes: record.edited_nodes.map((node) => edited(node, plan)) }
  if (record.new_yaml === undefined) return undefined
  const parsed = parseBlueprint({
    main: record.new_yaml,
    files: record.new_files ?? record.files ?? {},
    urls: record.new_urls ?? record.urls ?? {},
  })
  return parsed.problems === undefined ? parsed.plan : `new text refused: ${parsed.problems[0]?.message}`
}

/** The record says id, type and relationships; the rest stays, or is that of a node that does nothing. */
function edited(node: JsonObject, plan: Plan): PlannedNode {
  const id = String(node['id'])
  const type = String(node['type'])
  const known = plan.nodes.find((candidate) => candidate.id === id)
  return {
    typeHierarchy: [type],
    properties: {},
    operations: {},
    instances: { default: 1, min: 0, max: -1 },
    hostId: null,
    plugins: [],
    ...known,
    id,
    type,
    relationships: ((node['relationships'] ?? []) as readonly JsonObject[]).map((relationship) => ({
      type: String(relationship['type']),
      typeHierarchy: [
        'cloudify.relationships.depends_on',
        ...((relationship['type_hierarchy'] ?? []) as readonly string[]),
      ],
      target: String(relationship['target_id']),
      properties: (relationship['properties'] ?? {}) as JsonObject,
      sourceOperations: {},
      targetOperations: {},
    })),
  }
}

function wishes(record: ConformanceRecord, deployment: Deployment): Record<string, Wanted> {
  const modified = record.modified_nodes
  if (!isJsonObject(modified ?? null) || Array.isArray(modified)) return {}
  const named = names(record, deployment)
  const hint = (value: Json | undefined): string[] =>
    ((value ?? []) as readonly string[]).flatMap((id) => named.get(id) ?? [])
  return Object.fromEntries(
    Object.entries(modified as JsonObject).map(([name, wish]) => {
      const { instances, removed_ids_include_hint: first, removed_ids_exclude_hint: last } = wish as JsonObject
      return [name, { instances: Number(instances), removeFirst: hint(first), removeLast: hint(last) }]
    }),
  )
}

/** Instances of the record (`db#0`) by their ids here: the k-th of a node is the k-th of a node. */
function names(record: ConformanceRecord, deployment: Deployment): ReadonlyMap<string, string> {
  const seen = new Map<string, number>()
  return new Map(
    (record.previous_node_instances ?? []).map(({ id }) => {
      const nodeId = nodeOf(String(id))
      const position = seen.get(nodeId) ?? 0
      seen.set(nodeId, position + 1)
      const own = deployment.instances.filter((instance) => instance.nodeId === nodeId)
      return [String(id), own[position]?.id ?? '']
    }),
  )
}

function counts(result: Extract<ModifyResult, { readonly deployment: Deployment }>): JsonObject {
  const lists = {
    added_and_related: result.added,
    extended_and_related: result.extended,
    reduced_and_related: result.reduced,
    removed_and_related: result.removed,
  }
  return Object.fromEntries(
    Object.entries(lists)
      .filter(([, list]) => list.length > 0)
      .map(([name, list]) => [name, byNode(list)]),
  )
}

function byNode(list: readonly ChangedInstance[]): JsonObject {
  const table: Record<string, Record<string, number>> = {}
  for (const { nodeId, change } of list) {
    const row = (table[nodeId] ??= {})
    row[change] = (row[change] ?? 0) + 1
  }
  return table
}
