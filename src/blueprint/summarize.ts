// A plan or deployment as plain JSON in wire names, empty parts left out: for comparing, for people, for other programs.
import type { Json, JsonObject } from '../kernel/json.ts'
import { holdsCall, readCall } from './functions/call.ts'
import { asList } from './functions/arguments.ts'
import type { Deployment, Plan, PlannedInstance, PlannedNode, PlannedOperation, PlannedRelationship } from './plan.ts'
import { pluginLists } from './summarize-plugins.ts'

/**
 * A plan in wire names, empty parts left out.
 *
 * @example
 * const { plan } = parseBlueprint({ main: 'tosca_definitions_version: cloudify_dsl_1_3\noutputs: { a: { value: 1 } }\n' })
 * console.log(JSON.stringify(summarizePlan(plan).outputs)) // {"a":{"value":1}}
 */
export function summarizePlan(plan: Plan): JsonObject {
  return withoutEmpty({
    ...planParts(plan, plan.nodes, false),
    inputs: plan.inputs as unknown as Json,
    outputs: plan.outputs as unknown as Json,
    capabilities: plan.capabilities as unknown as Json,
    labels: plan.labels,
    policies: plan.policies,
    scaling_groups: plan.scalingGroups,
    deployment_settings: plan.deploymentSettings,
  })
}

/**
 * A deployment in wire names. Instances are named `node#0`, `node#1` ... in their order.
 *
 * @example
 * const main = `
 * tosca_definitions_version: cloudify_dsl_1_3
 * node_types: { thing: {} }
 * node_templates: { vm: { type: thing, instances: { deploy: 2 } } }
 * `
 * const suffixes = ['aaaaaa', 'bbbbbb']
 * const { deployment } = prepareDeployment(parseBlueprint({ main }).plan, { newSuffix: () => suffixes.pop() })
 * console.log(summarizeDeployment(deployment).instance_counts) // { vm: 2 }
 */
export function summarizeDeployment(deployment: Deployment): JsonObject {
  const { plan } = deployment
  const names = shortIds(deployment.instances)
  return withoutEmpty(
    {
      ...planParts(plan, deployment.nodes, true),
      inputs: deployment.inputs,
      outputs: deployment.outputs as unknown as Json,
      capabilities: deployment.capabilities as unknown as Json,
      labels: deployment.labels,
      policies: deployment.policies,
      scaling_groups: deployment.scalingGroups,
      deployment_settings: deployment.deploymentSettings,
      instance_counts: countBy(deployment.instances.map(({ nodeId }) => nodeId)),
      node_instances: deployment.instances.map((instance) => summarizeInstance(instance, names)),
      instance_edges: edges(deployment.instances),
    },
    ['instance_counts', 'node_instances'],
  )
}

/** `marks`: operations say whether functions are left in them, which only counts once a deployment is made. */
function planParts(plan: Plan, nodes: readonly PlannedNode[], marks: boolean): Record<string, Json> {
  const plugins = pluginLists(plan, nodes)
  return {
    version: plan.dslVersion,
    nodes: nodes.map((node) => summarizeNode(node, plugins.ofNode(node), marks)),
    blueprint_labels: plan.blueprintLabels,
    groups: groupsJson(plan.groups),
    policy_types: plan.policyTypes,
    policy_triggers: plan.policyTriggers,
    workflows: Object.fromEntries(
      Object.entries(plan.workflows).map(([name, workflow]) => [name, summarizeWorkflow(workflow)]),
    ),
    relationship_types: plan.relationshipTypes as unknown as Json,
    data_types: plan.dataTypes,
    requirements: requirements(plan),
    imported_blueprints: plan.importedBlueprints,
    namespaces_mapping: plan.namespaces,
    resource_tags: plan.resourceTags,
    description: plan.description,
    metadata: plan.metadata,
    ...plugins.lists,
  }
}

function groupsJson(groups: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(groups).map(([name, group]): [string, Json] => {
      const { members, ...rest } = group as JsonObject
      return [name, { members: [...(members as readonly string[])].sort(), ...rest }]
    }),
  )
}

function summarizeNode(node: PlannedNode, plugins: JsonObject, marks: boolean): JsonObject {
  const { default: count, min, max } = node.instances
  return withoutEmpty({
    name: node.id,
    type: node.type,
    type_hierarchy: node.typeHierarchy,
    properties: node.properties,
    ...summarizeOperations(node.operations, marks),
    relationships: node.relationships.map((relationship) => summarizeRelationship(relationship, marks)),
    scalable: { min, max, default: count, current: count, planned: count },
    host_id: node.hostId,
    plugins: node.plugins,
    ...plugins,
  })
}

function summarizeRelationship(relationship: PlannedRelationship, marks: boolean): JsonObject {
  return withoutEmpty({
    type: relationship.type,
    target: relationship.target,
    type_hierarchy: relationship.typeHierarchy,
    properties: relationship.properties,
    source_operations: summarizeOperations(relationship.sourceOperations, marks),
    target_operations: summarizeOperations(relationship.targetOperations, marks),
  })
}

function summarizeOperations(operations: Readonly<Record<string, PlannedOperation>>, marks: boolean): JsonObject {
  const names = Object.keys(operations)
  if (names.length === 0) return {}
  const short = names.map((name) => name.slice(name.lastIndexOf('.') + 1))
  const single = short.filter((name) => short.indexOf(name) === short.lastIndexOf(name))
  return withoutEmpty({
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => [name, summarizeOperation(operation, marks)]),
    ),
    short_names: single.sort(),
  })
}

function summarizeOperation(operation: PlannedOperation, marks: boolean): JsonObject {
  const { plugin, maxRetries, retryInterval, timeout, timeoutRecoverable, hasIntrinsicFunctions } = operation
  if (plugin === '') return { plugin, operation: '' }
  return withoutEmpty({
    plugin,
    operation: operation.operation,
    executor: operation.executor,
    inputs: operation.inputs,
    has_intrinsic_functions: (marks && hasIntrinsicFunctions) || null,
    max_retries: maxRetries,
    retry_interval: retryInterval,
    timeout,
    timeout_recoverable: timeoutRecoverable,
  })
}

function summarizeWorkflow(workflow: Plan['workflows'][string]): JsonObject {
  return withoutEmpty({
    plugin: workflow.plugin,
    operation: workflow.operation,
    parameters: workflow.parameters as unknown as Json,
    is_cascading: workflow.isCascading || null,
    availability_rules: workflow.availabilityRules,
  })
}

function summarizeInstance(instance: PlannedInstance, names: ReadonlyMap<string, string>): JsonObject {
  const name = (id: string): string => names.get(id) ?? id
  return withoutEmpty({
    id: name(instance.id),
    host: instance.hostId === null ? null : name(instance.hostId),
    relationships: instance.relationships.map(({ type, targetId }) => [type, name(targetId)]),
    scaling_groups: instance.scalingGroups.map(({ id }) => name(id)),
  })
}

function shortIds(instances: readonly PlannedInstance[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  const add = (id: string, of: string): void => {
    if (names.has(id)) return
    const count = counts.get(of) ?? 0
    counts.set(of, count + 1)
    names.set(id, `${of}#${count}`)
  }
  for (const instance of instances) {
    add(instance.id, instance.nodeId)
    for (const group of instance.scalingGroups) add(group.id, group.name)
  }
  return names
}

function countBy(names: readonly string[]): JsonObject {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** Per source node, type and target node: how many edges, from how many instances, to how many. */
function edges(instances: readonly PlannedInstance[]): Json[] {
  const found = new Map<
    string,
    { source: string; type: string; target: string; edges: number; sources: Set<string>; targets: Set<string> }
  >()
  for (const { id, nodeId, relationships } of instances) {
    for (const { type, targetNodeId, targetId } of relationships) {
      const key = JSON.stringify([nodeId, type, targetNodeId])
      const edge = found.get(key) ?? {
        source: nodeId,
        type,
        target: targetNodeId,
        edges: 0,
        sources: new Set(),
        targets: new Set(),
      }
      found.set(key, edge)
      edge.edges += 1
      edge.sources.add(id)
      edge.targets.add(targetId)
    }
  }
  return [...found.entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { sources, targets, ...edge }]) => ({
      ...edge,
      distinct_sources: sources.size,
      distinct_targets: targets.size,
    }))
}

/** What the plan asks of its surroundings: secrets by name, capabilities of the environment. */
function requirements(plan: Plan): JsonObject {
  const capabilities = new Map<string, Json>()
  const secrets = new Map<string, Json>()
  const collect = (value: Json): void => {
    if (!holdsCall(value)) return
    const call = readCall(value)
    if (call?.name === 'get_environment_capability') {
      const path = asList(call.args)
      capabilities.set(JSON.stringify(path), path)
    }
    if (call?.name === 'get_secret' && typeof asList(call.args)[0] === 'string')
      secrets.set(JSON.stringify(call.args), call.args)
    for (const item of Object.values(value as JsonObject)) collect(item)
  }
  collect([
    plan.nodes,
    plan.outputs,
    plan.capabilities,
    plan.labels,
    plan.policies,
    plan.deploymentSettings,
  ] as unknown as Json)
  return withoutEmpty({ parent_capabilities: [...capabilities.values()], secrets: [...secrets.values()] })
}

function withoutEmpty(
  parts: Readonly<Record<string, Json | undefined>>,
  kept: readonly string[] = ['nodes'],
): JsonObject {
  const result: Record<string, Json> = {}
  for (const [key, value] of Object.entries(parts)) {
    const isEmpty =
      value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
    if (!isEmpty || (value !== undefined && value !== null && (kept.includes(key) || key === 'nodes')))
      result[key] = value
  }
  return result
}
