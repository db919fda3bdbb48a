// Makes node instances: everything is repeated once per instance of what contains it, then the rest is connected.
import type { InstanceRelationship, PlannedInstance, PlannedNode } from '../plan.ts'
import { connect } from './connect.ts'
import { containment, type Containment } from './containment.ts'
import { containmentTypes, Earlier } from './earlier.ts'
import { resize, type Wanted } from './resize.ts'

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
  /** What there is already: it stays, with its ids, unless `wanted` says otherwise. */
  readonly earlier?: readonly PlannedInstance[]
  /** Node or scaling group -> how many of it, instead of its count. */
  readonly wanted?: ReadonlyMap<string, Wanted>
}

export const instanceLimit = 100_000
/** So often a suffix that is taken is drawn anew; six characters are never that unlucky. */
const mostTries = 10_000

/** Instances in the order of the plan. undefined: they would be more than the limit. */
export function expand(options: ExpandOptions): PlannedInstance[] | undefined {
  const tree = containment(options)
  const earlier = options.earlier && new Earlier(options.earlier, tree, containmentTypes(options.nodes))
  const copies = copyAll(tree, options, earlier)
  if (copies === undefined) return undefined
  const relationships = connect(options, tree, copies, earlier)
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

function copyAll(tree: Containment, options: ExpandOptions, earlier?: Earlier): Map<string, Copy[]> | undefined {
  const copies = new Map<string, Copy[]>()
  const taken = new Set<string>(earlier?.ids)
  let total = 0
  for (const unit of tree.topDown) {
    const container = tree.parentOf.get(unit.name)
    const parents: readonly (Copy | undefined)[] = container === undefined ? [undefined] : (copies.get(container) ?? [])
    const own: Copy[] = []
    let lastIndex = earlier?.lastIndex(unit.name) ?? 0
    for (const parent of parents) {
      const { kept, added } = resize(unit, parent, earlier, options.wanted?.get(unit.name))
      total += kept.length + added
      if (total > instanceLimit) return undefined
      const place = { unit: unit.name, isGroup: unit.isGroup, parent }
      for (const { id, index } of kept) own.push({ id, index, ...place })
      for (let number = 0; number < added; number += 1) {
        own.push({ id: freshId(unit.name, taken, options), index: (lastIndex += 1), ...place })
      }
    }
    copies.set(unit.name, own)
  }
  return copies
}

function freshId(name: string, taken: Set<string>, options: ExpandOptions): string {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const id = `${name}_${options.newSuffix()}`
    if (taken.has(id)) continue
    taken.add(id)
    return id
  }
  throw new RangeError(`newSuffix gave ${mostTries} suffixes for '${name}' that were all taken`)
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
