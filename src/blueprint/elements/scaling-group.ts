// Scaling groups: the groups that scaling policies aim at, checked against each other and against containment.
import { keyPlace } from '../document.ts'
import type { Build } from './build.ts'
import type { Group } from './group.ts'
import { containerOf } from './hosts.ts'
import type { DraftNode } from './node-template.ts'
import type { Policy } from './policy.ts'
import type { Scale } from './scalable.ts'

interface ScalingGroup {
  readonly name: string
  /** Without members that another member contains. */
  readonly members: readonly string[]
  readonly scale: Scale
}

export function makeScalingGroups(
  groups: ReadonlyMap<string, Group>,
  policies: readonly Policy[],
  nodes: readonly DraftNode[],
  build: Build,
): ScalingGroup[] {
  const scaled = new Map<string, { readonly group: Group; readonly scale: Scale }>()
  for (const { targets, scale } of policies) {
    for (const target of targets) {
      const group = groups.get(target)
      if (group !== undefined) scaled.set(target, { group, scale })
    }
  }
  if (scaled.size === 0) return []
  const members = new Map([...scaled].map(([name, { group }]) => [name, group.members]))
  const containers = new Map(nodes.map((node) => [node.id, containersOf(node.id, nodes)]))
  if (!checkCycles(members, groups, build) || !checkSingleMembership(members, groups, build)) return []
  for (const name of members.keys()) checkTogether(name, members, containers, groups, build)
  return [...scaled].map(([name, { group, scale }]) => ({
    name,
    members: outermost(name, group.members, members, containers),
    scale,
  }))
}

type Members = ReadonlyMap<string, readonly string[]>
type Containers = ReadonlyMap<string, ReadonlySet<string>>

/** Everything a node is contained in, at any depth. */
function containersOf(id: string, nodes: readonly DraftNode[]): ReadonlySet<string> {
  const byId = nodesById(nodes)
  const containers = new Set<string>()
  let next = containerAt(byId.get(id))
  while (next !== undefined && !containers.has(next)) {
    containers.add(next)
    next = containerAt(byId.get(next))
  }
  return containers
}

const indexes = new WeakMap<readonly DraftNode[], ReadonlyMap<string, DraftNode>>()

function nodesById(nodes: readonly DraftNode[]): ReadonlyMap<string, DraftNode> {
  const known = indexes.get(nodes) ?? new Map(nodes.map((node) => [node.id, node]))
  indexes.set(nodes, known)
  return known
}

function containerAt(node: DraftNode | undefined): string | undefined {
  return node === undefined ? undefined : containerOf(node)
}

function checkCycles(members: Members, groups: ReadonlyMap<string, Group>, build: Build): boolean {
  for (const start of members.keys()) {
    const cycle = cycleFrom(start, members)
    const group = groups.get(start)
    if (cycle === undefined || group === undefined) continue
    build.reporter.add('blueprint.group_cycle', keyPlace(group.element), { cycle: cycle.join(' -> ') })
    return false
  }
  return true
}

/** Depth first with a stack of its own: nothing here depends on how deep groups nest. */
function cycleFrom(start: string, members: Members): string[] | undefined {
  const pending: (readonly string[])[] = [[start]]
  const seen = new Set<string>()
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    for (const member of members.get(path.at(-1) ?? '') ?? []) {
      if (member === start) return [...path, start]
      if (seen.has(member) || !members.has(member)) continue
      seen.add(member)
      pending.push([...path, member])
    }
  }
  return undefined
}

function checkSingleMembership(members: Members, groups: ReadonlyMap<string, Group>, build: Build): boolean {
  const owners = new Map<string, string[]>()
  for (const [group, list] of members) {
    for (const member of list) owners.set(member, [...(owners.get(member) ?? []), group])
  }
  const before = build.reporter.count
  for (const [member, names] of owners) {
    const group = groups.get(names[1] ?? '')
    if (group === undefined) continue
    build.reporter.add('blueprint.several_groups', keyPlace(group.element, 'members'), {
      member,
      groups: names.join(', '),
    })
  }
  return build.reporter.count === before
}

/** Nodes of one group are all free, or all contained in one node, or contained in one of themselves. */
function checkTogether(
  name: string,
  members: Members,
  containers: Containers,
  groups: ReadonlyMap<string, Group>,
  build: Build,
): void {
  const all = new Set(nodesOf(name, members))
  const nodes = [...all].filter((node) => !isInside(node, all, containers))
  const group = groups.get(name)
  for (const [index, left] of nodes.entries()) {
    for (const right of nodes.slice(index + 1)) {
      if (group === undefined || isTogether(left, right, containers)) continue
      build.reporter.add('blueprint.group_not_together', keyPlace(group.element, 'members'), {
        group: name,
        left,
        right,
      })
      return
    }
  }
}

/** True when something that holds the node is among the others. */
function isInside(node: string, others: ReadonlySet<string>, containers: Containers): boolean {
  return [...(containers.get(node) ?? [])].some((container) => others.has(container))
}

function isTogether(left: string, right: string, containers: Containers): boolean {
  const leftIn = containers.get(left) ?? new Set<string>()
  const rightIn = containers.get(right) ?? new Set<string>()
  if (leftIn.size === 0 && rightIn.size === 0) return true
  return [...leftIn].some((container) => rightIn.has(container))
}

/** The nodes of a group, those of its groups among them. The groups are known to be free of circles. */
function nodesOf(name: string, members: Members): string[] {
  const result: string[] = []
  const pending = [name]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const inner = members.get(next)
    if (inner === undefined) result.push(next)
    else pending.push(...inner)
  }
  return result
}

/** Members that another member holds come along with it. */
function outermost(name: string, own: readonly string[], members: Members, containers: Containers): readonly string[] {
  const all = new Set(nodesOf(name, members))
  return own.filter((member) => !nodesOf(member, members).every((node) => isInside(node, all, containers)))
}
