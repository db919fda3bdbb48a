// Relationships between instances: to the containing instance, or to the instances of the target.
import { containedIn } from '../elements/relationship.ts'
import type { InstanceRelationship, PlannedRelationship } from '../plan.ts'
import type { Containment } from './containment.ts'
import type { Earlier } from './earlier.ts'
import type { Copy, ExpandOptions } from './expand.ts'

type Copies = ReadonlyMap<string, readonly Copy[]>

/** Instance id -> its relationships. */
export function connect(
  { nodes, groups }: Pick<ExpandOptions, 'nodes' | 'groups'>,
  tree: Containment,
  copies: Copies,
  earlier?: Earlier,
): ReadonlyMap<string, InstanceRelationship[]> {
  const result = new Map<string, InstanceRelationship[]>()
  const isGroup = new Set(groups.map(({ name }) => name))
  for (const node of nodes) {
    for (const [position, relationship] of node.relationships.entries()) {
      for (const [source, target] of pairs(node.id, relationship, { tree, copies, isGroup, earlier })) {
        const list = result.get(source.id) ?? []
        list.push({ type: relationship.type, position, targetNodeId: relationship.target, targetId: target.id })
        result.set(source.id, list)
      }
    }
  }
  return result
}

interface Scene {
  readonly tree: Containment
  readonly copies: Copies
  readonly isGroup: ReadonlySet<string>
  readonly earlier: Earlier | undefined
}

function* pairs(
  nodeId: string,
  relationship: PlannedRelationship,
  { tree, copies, isGroup, earlier }: Scene,
): Generator<readonly [Copy, Copy]> {
  const sources = copies.get(nodeId) ?? []
  const targets = copies.get(relationship.target) ?? []
  if (relationship.typeHierarchy.includes(containedIn)) {
    for (const source of sources) {
      const target = ancestor(source, relationship.target)
      if (target !== undefined) yield [source, target]
    }
    return
  }
  if (relationship.properties['connection_type'] === 'all_to_one') {
    const before = earlier?.targetOf(nodeId, relationship)
    const first = targets.toSorted((left, right) => (left.id < right.id ? -1 : 1))[0]
    const one = targets.find(({ id }) => id === before) ?? first
    if (one !== undefined) for (const source of sources) yield [source, one]
    return
  }
  const group = sharedGroup(nodeId, relationship.target, tree, isGroup)
  for (const source of sources) {
    const place = group === undefined ? undefined : ancestor(source, group)
    for (const target of targets) {
      if (group === undefined || ancestor(target, group) === place) yield [source, target]
    }
  }
}

function ancestor(copy: Copy, unit: string): Copy | undefined {
  let current: Copy | undefined = copy
  while (current !== undefined && current.unit !== unit) current = current.parent
  return current
}

/** The innermost scaling group that both are in, at any depth. */
export function sharedGroup(
  left: string,
  right: string,
  tree: Containment,
  isGroup: ReadonlySet<string>,
): string | undefined {
  const around = new Set(containersOf(left, tree))
  return containersOf(right, tree).find((container) => isGroup.has(container) && around.has(container))
}

function containersOf(name: string, tree: Containment): string[] {
  const result: string[] = []
  for (let next = tree.parentOf.get(name); next !== undefined; next = tree.parentOf.get(next)) result.push(next)
  return result
}
