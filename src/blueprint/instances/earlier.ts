// The copies that a deployment already has: found again by what contains them, so that a change keeps them.
import { containedIn } from '../elements/relationship.ts'
import type { PlannedInstance, PlannedRelationship } from '../plan.ts'
import type { Containment } from './containment.ts'
import type { Copy } from './expand.ts'

export interface EarlierCopy {
  readonly id: string
  readonly index: number
}

interface Found extends EarlierCopy {
  /** undefined: nothing contains it, or what it was in is no part of the blueprint any more. */
  readonly parentId: string | undefined
}

export class Earlier {
  readonly #byUnit = new Map<string, Map<string, Found>>()
  readonly #byParent = new Map<string, Found[]>()
  readonly #instances: readonly PlannedInstance[]
  /** Ids of nodes' and of groups' instances. */
  readonly ids = new Set<string>()

  constructor(instances: readonly PlannedInstance[], tree: Containment, containment: ReadonlySet<string>) {
    this.#instances = instances
    for (const instance of instances) {
      this.ids.add(instance.id)
      for (const { id } of instance.scalingGroups) this.ids.add(id)
      this.#place(instance, tree, containment)
    }
  }

  /** Its copies inside one copy of its container; without a container all of them. */
  copiesIn(unit: string, parent: Copy | undefined): readonly EarlierCopy[] {
    if (parent === undefined) return [...(this.#byUnit.get(unit)?.values() ?? [])]
    return this.#byParent.get(`${unit}\0${parent.id}`) ?? []
  }

  /** The greatest index that a copy of the unit has. */
  lastIndex(unit: string): number {
    let last = 0
    for (const { index } of this.#byUnit.get(unit)?.values() ?? []) last = Math.max(last, index)
    return last
  }

  /** What the instances of a node were connected to by an all_to_one relationship. */
  targetOf(nodeId: string, { type, target }: PlannedRelationship): string | undefined {
    for (const instance of this.#instances) {
      if (instance.nodeId !== nodeId) continue
      const found = instance.relationships.find((link) => link.type === type && link.targetNodeId === target)
      if (found !== undefined) return found.targetId
    }
    return undefined
  }

  /** True for the copy of a unit itself, and for an instance inside it: a group is removed by naming one of its members. */
  isNamed(unit: string, copy: EarlierCopy, ids: ReadonlySet<string>): boolean {
    if (ids.size === 0 || ids.has(copy.id)) return ids.size > 0
    return this.#instances.some(
      ({ id, scalingGroups }) =>
        ids.has(id) && scalingGroups.some((group) => group.name === unit && group.id === copy.id),
    )
  }

  /** Notes the instance and the groups around it, up to the node that contains them. */
  #place(instance: PlannedInstance, tree: Containment, containment: ReadonlySet<string>): void {
    let unit = instance.nodeId
    let id = instance.id
    for (;;) {
      const container = tree.parentOf.get(unit)
      const group = instance.scalingGroups.find(({ name }) => name === container)
      const holder = instance.relationships.find(
        ({ type, targetNodeId }) => targetNodeId === container && containment.has(type),
      )
      this.#note(unit, { id, index: instance.index, parentId: group?.id ?? holder?.targetId })
      if (group === undefined) return
      unit = group.name
      id = group.id
    }
  }

  #note(unit: string, found: Found): void {
    const known = this.#byUnit.get(unit) ?? new Map<string, Found>()
    this.#byUnit.set(unit, known)
    if (known.has(found.id)) return
    known.set(found.id, found)
    const key = `${unit}\0${found.parentId}`
    const siblings = this.#byParent.get(key)
    if (siblings === undefined) this.#byParent.set(key, [found])
    else siblings.push(found)
  }
}

/** Names of the relationship types that contain. */
export function containmentTypes(
  nodes: readonly { readonly relationships: readonly PlannedRelationship[] }[],
): ReadonlySet<string> {
  const types = new Set<string>([containedIn])
  for (const { relationships } of nodes) {
    for (const { type, typeHierarchy } of relationships) if (typeHierarchy.includes(containedIn)) types.add(type)
  }
  return types
}
