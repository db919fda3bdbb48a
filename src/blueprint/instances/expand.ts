// Makes node instances: everything is repeated once per instance of what contains it, then the rest is connected.
import type { InstanceRelationship, PlannedInstance, PlannedNode } from '../plan.ts'
import { connect } from './connect.ts'
import { containment, type Containment } from './containment.ts'

/** A node or scaling group with the number of its instances per instance of what contains it. */
export interface Unit {
  readonly name: string
  readonly isGroup: boolean
  readonly count: number
}

/** One instance of a node or of a scaling group. */
export interface Copy {
  readonly id: string
  readonly unit: string
  readonly isGroup: boolean
  readonly index: number
  /** The copy it is contained in. */
  readonly parent: Copy | undefined
}

export interface ExpandOptions {
  readonly nodes: readonly (PlannedNode & { readonly count: number })[]
  readonly groups: readonly { readonly name: string; readonly members: readonly string[]; readonly count: number }[]
  /** Six characters of [a-z0-9]. */
  newSuffix(): string
}

export const instanceLimit = 100_000

/** Instances in the order of the plan. undefined: they would be more than the limit. */
export function expand(options: ExpandOptions): PlannedInstance[] | undefined {
  const tree = containment(options)
  const copies = copyAll(tree, options)
  if (copies === undefined) return undefined
  const relationships = connect(options, tree, copies)
  const result: PlannedInstance[] = []
  for (const node of options.nodes) {
    for (const copy of copies.get(node.id) ?? []) {
      result.push({
        id: copy.id,
        nodeId: node.id,
        index: copy.index,
        hostId: hostOf(copy, node.hostId),
        relationships: inOrder(relationships.get(copy.id) ?? []),
        scalingGroups: groupsOf(copy),
      })
    }
  }
  return result
}

function inOrder(relationships: readonly InstanceRelationship[]): readonly InstanceRelationship[] {
  return relationships.toSorted((left, right) => left.position - right.position)
}

function copyAll(tree: Containment, options: ExpandOptions): Map<string, Copy[]> | undefined {
  const copies = new Map<string, Copy[]>()
  const taken = new Set<string>()
  let total = 0
  for (const unit of tree.topDown) {
    const container = tree.parentOf.get(unit.name)
    const parents: readonly (Copy | undefined)[] = container === undefined ? [undefined] : (copies.get(container) ?? [])
    total += parents.length * unit.count
    if (total > instanceLimit) return undefined
    const own: Copy[] = []
    for (const parent of parents) {
      for (let number = 0; number < unit.count; number += 1) {
        const id = freshId(unit.name, taken, options)
        own.push({ id, unit: unit.name, isGroup: unit.isGroup, index: own.length + 1, parent })
      }
    }
    copies.set(unit.name, own)
  }
  return copies
}

function freshId(name: string, taken: Set<string>, options: ExpandOptions): string {
  let id = `${name}_${options.newSuffix()}`
  while (taken.has(id)) id = `${name}_${options.newSuffix()}`
  taken.add(id)
  return id
}

function hostOf(copy: Copy, hostNode: string | null): string | null {
  if (hostNode === null) return null
  for (let current: Copy | undefined = copy; current !== undefined; current = current.parent) {
    if (current.unit === hostNode) return current.id
  }
  return null
}

/** The scaling groups it is a member of, the innermost first; those of its container are not its own. */
function groupsOf(copy: Copy): { readonly name: string; readonly id: string }[] {
  const groups: { readonly name: string; readonly id: string }[] = []
  for (let current = copy.parent; current?.isGroup === true; current = current.parent) {
    groups.push({ name: current.unit, id: current.id })
  }
  return groups
}
