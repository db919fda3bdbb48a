// Who contains whom: nodes in nodes by contained_in, members in scaling groups, groups in what contains their members.
import { containerOf } from '../elements/hosts.ts'
import type { ExpandOptions, Unit } from './expand.ts'

export interface Containment {
  /** Unit -> the unit it is directly in. */
  readonly parentOf: ReadonlyMap<string, string>
  /** Every unit after the one it is in. */
  readonly topDown: readonly Unit[]
}

export function containment({ nodes, groups }: Pick<ExpandOptions, 'nodes' | 'groups'>): Containment {
  const groupOf = new Map(groups.flatMap(({ name, members }) => members.map((member) => [member, name] as const)))
  const parentOf = new Map<string, string>(groupOf)
  for (const node of nodes) {
    const container = containerOf(node)
    if (container === undefined) continue
    // The container takes in the outermost of the node's groups, and the group takes in the node.
    const top = outermostGroup(node.id, groupOf)
    parentOf.set(top, container)
  }
  const units: Unit[] = [
    ...groups.map(({ name, count }) => ({ name, isGroup: true, count })),
    ...nodes.map(({ id, count }) => ({ name: id, isGroup: false, count })),
  ]
  return { parentOf, topDown: sortTopDown(units, parentOf) }
}

function outermostGroup(name: string, groupOf: ReadonlyMap<string, string>): string {
  let top = name
  for (let next = groupOf.get(top); next !== undefined; next = groupOf.get(top)) top = next
  return top
}

function sortTopDown(units: readonly Unit[], parentOf: ReadonlyMap<string, string>): Unit[] {
  const byName = new Map(units.map((unit) => [unit.name, unit]))
  const done = new Set<string>()
  const result: Unit[] = []
  for (const unit of units) {
    const chain: Unit[] = []
    let next: Unit | undefined = unit
    while (next !== undefined && !done.has(next.name)) {
      done.add(next.name)
      chain.push(next)
      const parent: string | undefined = parentOf.get(next.name)
      next = parent === undefined ? undefined : byName.get(parent)
    }
    result.push(...chain.toReversed())
  }
  return result
}
