// Which node each node runs on: itself for a compute, else the host of what contains it.
import { placeIn } from '../document.ts'
import type { PlannedNode, PlannedOperation } from '../plan.ts'
import type { Build } from './build.ts'
import type { DraftNode } from './node-template.ts'
import { containedIn } from './relationship.ts'

const compute = 'cloudify.nodes.Compute'

/** Node id -> host id, null for nodes without one. */
export function findHosts(nodes: readonly DraftNode[]): ReadonlyMap<string, string | null> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const hosts = new Map<string, string | null>()
  for (const node of nodes) climb(node, byId, hosts)
  return hosts
}

function climb(start: DraftNode, byId: ReadonlyMap<string, DraftNode>, hosts: Map<string, string | null>): void {
  const chain = new Set<string>()
  let node: DraftNode | undefined = start
  let host: string | null = null
  while (node !== undefined) {
    const known = hosts.get(node.id)
    if (known !== undefined) {
      host = known
      break
    }
    if (chain.has(node.id)) break
    chain.add(node.id)
    if (node.typeHierarchy.includes(compute)) {
      host = node.id
      break
    }
    const container: string | undefined = containerOf(node)
    node = container === undefined ? undefined : byId.get(container)
  }
  for (const id of chain) hosts.set(id, host)
}

export function containerOf(node: Pick<PlannedNode, 'relationships'>): string | undefined {
  return node.relationships.find(({ typeHierarchy }) => typeHierarchy.includes(containedIn))?.target
}

/** Every operation that runs on a node: its own, its ends of relationships from it, and of relationships to it. */
function operationsByNode(
  nodes: readonly DraftNode[],
): ReadonlyMap<string, readonly Readonly<Record<string, PlannedOperation>>[]> {
  const result = new Map(nodes.map((node) => [node.id, [node.operations]]))
  for (const node of nodes) {
    for (const { target, sourceOperations, targetOperations } of node.relationships) {
      result.get(node.id)?.push(sourceOperations)
      result.get(target)?.push(targetOperations)
    }
  }
  return result
}

/** The plugins of the operations that run on each node. Operations without a host they need are reported. */
export function findPlugins(
  nodes: readonly DraftNode[],
  hosts: ReadonlyMap<string, string | null>,
  build: Build,
): ReadonlyMap<string, readonly string[]> {
  const operations = operationsByNode(nodes)
  const used = new WeakMap<object, ReadonlyMap<string, boolean>>()
  const result = new Map<string, readonly string[]>()
  for (const node of nodes) {
    const plugins = new Set<string>()
    for (const record of operations.get(node.id) ?? []) {
      const users = used.get(record) ?? pluginsOf(record)
      used.set(record, users)
      for (const [plugin, needsHost] of users) {
        plugins.add(plugin)
        if (!needsHost || hosts.get(node.id) !== null) continue
        build.reporter.add('blueprint.host_needed', { ...placeIn(node.element), aim: 'key' }, { node: node.id, plugin })
      }
    }
    result.set(node.id, [...plugins])
  }
  return result
}

/** Plugin name -> whether one of its operations needs a host. */
function pluginsOf(operations: Readonly<Record<string, PlannedOperation>>): ReadonlyMap<string, boolean> {
  const result = new Map<string, boolean>()
  for (const name in operations) {
    const operation = operations[name]
    if (operation === undefined || operation.plugin === '') continue
    result.set(operation.plugin, (result.get(operation.plugin) ?? false) || operation.executor === 'host_agent')
  }
  return result
}
