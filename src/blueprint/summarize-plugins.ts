// Which plugins have to be installed where: by the operations that use them and who executes those.
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Plan, PlannedNode, PlannedOperation, PlannedPlugin, PlannedRelationship } from './plan.ts'

type Use = ReadonlyMap<string, ReadonlySet<string>>

interface PluginLists {
  readonly lists: JsonObject
  ofNode(node: PlannedNode): JsonObject
}

export function pluginLists(plan: Plan, nodes: readonly PlannedNode[]): PluginLists {
  const incoming = incomingOf(nodes)
  const uses = new Map(nodes.map((node) => [node.id, useOf(operationsOn(node, incoming.get(node.id) ?? []))]))
  const hosted = Map.groupBy(nodes, ({ hostId }) => hostId)
  const named = (executor: string, id: string): string[] =>
    [...(uses.get(id) ?? [])].filter(([, executors]) => executors.has(executor)).map(([plugin]) => plugin)
  const workflows = [...new Set(Object.values(plan.workflows).map(({ plugin }) => plugin))]
  const all = (executor: string): string[] => [...new Set(nodes.flatMap((node) => named(executor, node.id)))]
  const described = (names: readonly string[], executor?: string): Json =>
    names.toSorted().map((name) => describe(plan.plugins[name], executor))
  return {
    lists: {
      workflow_plugins_to_install: described(workflows),
      deployment_plugins_to_install: described(all('central_deployment_agent'), 'central_deployment_agent'),
      host_agent_plugins_to_install: described(all('host_agent'), 'host_agent'),
    },
    ofNode(node) {
      const guests = node.hostId === node.id ? (hosted.get(node.id) ?? []) : []
      return {
        deployment_plugins_to_install: named('central_deployment_agent', node.id),
        plugins_to_install: [...new Set(guests.flatMap(({ id }) => named('host_agent', id)))],
      }
    },
  }
}

function incomingOf(nodes: readonly PlannedNode[]): ReadonlyMap<string, readonly PlannedRelationship[]> {
  return Map.groupBy(
    nodes.flatMap(({ relationships }) => relationships),
    ({ target }) => target,
  )
}

function operationsOn(node: PlannedNode, incoming: readonly PlannedRelationship[]): PlannedOperation[] {
  return [
    ...Object.values(node.operations),
    ...node.relationships.flatMap(({ sourceOperations }) => Object.values(sourceOperations)),
    ...incoming.flatMap(({ targetOperations }) => Object.values(targetOperations)),
  ]
}

function useOf(operations: readonly PlannedOperation[]): Use {
  const uses = new Map<string, Set<string>>()
  for (const { plugin, executor } of operations) {
    if (plugin === '') continue
    const executors = uses.get(plugin) ?? new Set<string>()
    uses.set(plugin, executors.add(executor ?? ''))
  }
  return uses
}

function describe(plugin: PlannedPlugin | undefined, executor: string | undefined): JsonObject {
  if (plugin === undefined) return {}
  const fields: Readonly<Record<string, Json>> = {
    name: plugin.name,
    executor: executor ?? plugin.executor,
    install: plugin.install,
    source: plugin.source,
    package_name: plugin.packageName,
    package_version: plugin.packageVersion,
    properties: Object.keys(plugin.properties).length === 0 ? null : plugin.properties,
    ...plugin.written,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}
