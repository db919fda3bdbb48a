// The dependency graph of node instances: who must come before whom. Walks use in-degree counters of our own, because
// graphlib's topsort overflows the stack on long chains.
import { Graph } from '@dagrejs/graphlib'
import { fault } from '../kernel/fault.ts'
import type { Order } from '../plugins/contract/workflow.ts'

/** The little that a graph needs to know of an instance. */
export interface GraphMember {
  readonly id: string
  readonly relationships: readonly { readonly targetId: string }[]
}

/** Edges run from an instance to what it depends on. Targets outside `members` are no part of the graph. */
export function dependencyGraph(members: readonly GraphMember[]): Graph {
  const graph = new Graph()
  for (const member of members) graph.setNode(member.id)
  for (const member of members) {
    for (const { targetId } of member.relationships) if (graph.hasNode(targetId)) graph.setEdge(member.id, targetId)
  }
  return graph
}

export interface WalkPlan {
  /** How many others each instance waits for. */
  readonly waitsFor: Map<string, number>
  /** Who may go on once this one is done. */
  readonly releases: ReadonlyMap<string, readonly string[]>
}

/**
 * Who waits for whom when the chosen `members` are visited in `order`. Order holds across instances that are left out:
 * with a -> b -> c and only a and c chosen, a and c still keep their order.
 *
 * @throws Fault `plan.cycle` naming the circle.
 */
export function planWalk(all: readonly GraphMember[], members: readonly GraphMember[], order: Order): WalkPlan {
  const chosen = new Set(members.map((member) => member.id))
  const waitsFor = new Map<string, number>(members.map((member) => [member.id, 0]))
  const releases = new Map<string, string[]>()
  if (order === 'none') return { waitsFor, releases }
  const dependencies = chosenDependencies(all, chosen)
  for (const [id, needed] of dependencies) {
    for (const other of needed) {
      const [first, second] = order === 'dependencies-first' ? [other, id] : [id, other]
      waitsFor.set(second, (waitsFor.get(second) ?? 0) + 1)
      const released = releases.get(first)
      if (released) released.push(second)
      else releases.set(first, [second])
    }
  }
  return { waitsFor, releases }
}

interface SortedGraph {
  readonly graph: Graph
  readonly sorted: readonly string[]
}

// A run walks the same instances many times.
const sortedGraphs = new WeakMap<readonly GraphMember[], SortedGraph>()

function sortedGraph(all: readonly GraphMember[]): SortedGraph {
  const known = sortedGraphs.get(all)
  if (known) return known
  const graph = dependencyGraph(all)
  const made = { graph, sorted: dependenciesFirst(graph) }
  sortedGraphs.set(all, made)
  return made
}

// For each chosen instance the chosen ones it depends on, directly or by way of instances that were left out.
function chosenDependencies(
  all: readonly GraphMember[],
  chosen: ReadonlySet<string>,
): Map<string, ReadonlySet<string>> {
  const { graph, sorted } = sortedGraph(all)
  const nearest = new Map<string, ReadonlySet<string>>()
  for (const id of sorted) {
    const found = new Set<string>()
    for (const target of graph.successors(id) ?? []) {
      if (chosen.has(target)) found.add(target)
      else for (const further of nearest.get(target) ?? []) found.add(further)
    }
    nearest.set(id, found)
  }
  return new Map([...nearest].filter(([id]) => chosen.has(id)))
}

/** All ids, each after what it depends on. @throws Fault `plan.cycle` */
export function dependenciesFirst(graph: Graph): string[] {
  const left = new Map<string, number>()
  const ready: string[] = []
  for (const id of graph.nodes()) {
    const count = graph.successors(id)?.length ?? 0
    left.set(id, count)
    if (count === 0) ready.push(id)
  }
  for (let at = 0; at < ready.length; at++) {
    for (const dependent of graph.predecessors(ready[at] as string) ?? []) {
      const count = (left.get(dependent) ?? 0) - 1
      left.set(dependent, count)
      if (count === 0) ready.push(dependent)
    }
  }
  if (ready.length < graph.nodeCount())
    throw fault('plan.cycle', { details: { path: findCycle(graph, left).join(' -> ') } })
  return ready
}

// Whatever was never released lies on a circle or depends on one: following dependencies must come round.
function findCycle(graph: Graph, left: ReadonlyMap<string, number>): string[] {
  const stuck = (id: string): boolean => (left.get(id) ?? 0) > 0
  let id = graph.nodes().find(stuck) as string
  const seen = new Map<string, number>()
  const path: string[] = []
  while (!seen.has(id)) {
    seen.set(id, path.length)
    path.push(id)
    id = (graph.successors(id) ?? []).find(stuck) as string
  }
  return [...path.slice(seen.get(id)), id]
}
