// The node instances of a deployment as a running execution sees them: what the plan says, and their state of now.
import type { Deployment, PlannedInstance, PlannedNode, PlannedOperation } from '../blueprint/plan.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { InstanceView, NodeView, RelationshipView } from '../plugins/contract/context.ts'
import type { Member } from '../plugins/contract/workflow.ts'
import type { NodeInstanceRow } from '../store/tables.ts'
import { groupsOf } from './groups.ts'

/** One relationship of one instance, with what the plan knows of it. */
export interface InstanceLink extends RelationshipView {
  /** Which of the node's relationships it comes from. */
  readonly position: number
  readonly sourceOperations: Readonly<Record<string, PlannedOperation>>
  readonly targetOperations: Readonly<Record<string, PlannedOperation>>
}

/** A node instance with its mutable state. `storedProperties` is the JSON text that the store holds. */
export class Instance implements Member, InstanceView {
  readonly id: string
  readonly nodeId: string
  readonly index: number
  readonly node: NodeView
  readonly planned: PlannedNode
  readonly hostId: string | undefined
  readonly relationships: readonly InstanceLink[]
  state: string
  storedState: string
  runtimeProperties: Record<string, Json>
  storedProperties: string

  constructor(instance: PlannedInstance, planned: PlannedNode, node: NodeView, row: NodeInstanceRow) {
    this.id = instance.id
    this.nodeId = instance.nodeId
    this.index = instance.index
    this.node = node
    this.planned = planned
    this.hostId = instance.hostId ?? undefined
    this.relationships = instance.relationships.map((relationship) => linkOf(relationship, planned))
    this.state = row.state
    this.storedState = row.state
    this.storedProperties = row.runtime_properties
    this.runtimeProperties = JSON.parse(row.runtime_properties) as Record<string, Json>
  }

  get operations(): readonly string[] {
    return Object.keys(this.planned.operations)
  }

  has(operation: string): boolean {
    return operation in this.planned.operations
  }

  does(operation: string): boolean {
    const planned = this.planned.operations[operation]
    return planned !== undefined && planned.plugin !== '' && !skips(this.node.properties, operation)
  }
}

export class Topology {
  readonly deploymentId: string
  readonly instances: readonly Instance[]
  /** Of all operations of all nodes and relationships. */
  readonly pluginNames: readonly string[]
  /** Name of each group of the blueprint -> ids of its instances. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly #byId: ReadonlyMap<string, Instance>

  constructor(
    deploymentId: string,
    deployment: Pick<Deployment, 'nodes' | 'instances'>,
    rows: readonly NodeInstanceRow[],
    groups: readonly JsonObject[] = [],
  ) {
    this.deploymentId = deploymentId
    const rowOf = new Map(rows.map((row) => [row.id, row]))
    const nodeOf = new Map(deployment.nodes.map((node) => [node.id, { node, view: viewOf(node) }]))
    this.instances = deployment.instances.map((instance) => {
      const found = nodeOf.get(instance.nodeId)
      const row = rowOf.get(instance.id)
      if (!found || !row) throw new Error(`instance ${instance.id} has no node or no row`)
      return new Instance(instance, found.node, found.view, row)
    })
    this.pluginNames = pluginNames(deployment.nodes)
    this.groups = groupsOf(groups, this.instances)
    this.#byId = new Map(this.instances.map((instance) => [instance.id, instance]))
  }

  get(id: string): Instance {
    const found = this.#byId.get(id)
    if (!found) throw new Error(`no instance ${id} in deployment ${this.deploymentId}`)
    return found
  }

  find(id: string): Instance | undefined {
    return this.#byId.get(id)
  }
}

function viewOf(node: PlannedNode): NodeView {
  return { id: node.id, type: node.type, typeHierarchy: node.typeHierarchy, properties: node.properties }
}

function linkOf(relationship: PlannedInstance['relationships'][number], node: PlannedNode): InstanceLink {
  const planned = node.relationships[relationship.position]
  return {
    type: relationship.type,
    typeHierarchy: planned?.typeHierarchy ?? [relationship.type],
    targetId: relationship.targetId,
    targetNodeId: relationship.targetNodeId,
    position: relationship.position,
    sourceOperations: planned?.sourceOperations ?? {},
    targetOperations: planned?.targetOperations ?? {},
  }
}

/** The node property `skip_actions` lists operations, by full name, that no workflow calls on the node. */
function skips(properties: JsonObject, operation: string): boolean {
  const actions = properties['skip_actions']
  return Array.isArray(actions) && actions.includes(operation)
}

function pluginNames(nodes: readonly PlannedNode[]): readonly string[] {
  const names = new Set<string>()
  for (const node of nodes) {
    const links = node.relationships.flatMap((link) => [link.sourceOperations, link.targetOperations])
    for (const operations of [node.operations, ...links])
      for (const name in operations) names.add(operations[name]?.plugin ?? '')
  }
  names.delete('')
  return [...names]
}
