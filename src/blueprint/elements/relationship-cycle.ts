// Nodes that depend on each other in a circle have no order in which anything could be done with them.
import { placeIn } from '../document.ts'
import type { Build } from './build.ts'
import type { DraftNode } from './node-template.ts'

/** Who has more circles than this looks at the first ones first; finding each may cost a walk over all nodes. */
const mostCircles = 20
/** How many names of a circle are said. */
const mostNames = 12

/** Reports circles of relationships as a path. Keeps lists of its own instead of recursing: chains may be long. */
export function checkRelationshipCycles(nodes: readonly DraftNode[], build: Build): void {
  const graph = graphOf(nodes)
  const { left } = graph
  takeAway(
    nodes.filter(({ id }) => graph.waiting.get(id) === 0),
    graph,
  )
  let start = firstOf(left)
  for (let found = 0; start !== undefined && found < mostCircles; found += 1) {
    const cycle = cycleFrom(start, left)
    build.reporter.add('blueprint.relationship_cycle', placeIn((cycle[0] ?? start).element, 'relationships'), {
      cycle: textOf(cycle),
    })
    takeAway(cycle, graph)
    start = firstOf(left)
  }
}

function textOf(cycle: readonly DraftNode[]): string {
  const names = [...cycle, cycle[0] as DraftNode].map(({ id }) => id)
  if (names.length <= mostNames) return names.join(' -> ')
  const left = names.length - mostNames
  return [...names.slice(0, mostNames - 1), `(${left} more)`, ...names.slice(-1)].join(' -> ')
}

function firstOf(nodes: ReadonlyMap<string, DraftNode>): DraftNode | undefined {
  return nodes.values().next().value
}

function targetsOf(node: DraftNode, left: ReadonlyMap<string, DraftNode>): DraftNode[] {
  return node.relationships.flatMap(({ target }) => {
    const found = target === node.id ? undefined : left.get(target)
    return found === undefined ? [] : [found]
  })
}

interface Graph {
  readonly left: Map<string, DraftNode>
  /** To how many nodes that are left a node points. */
  readonly waiting: Map<string, number>
  /** Who points to a node. */
  readonly sources: ReadonlyMap<string, readonly DraftNode[]>
}

function graphOf(nodes: readonly DraftNode[]): Graph {
  const left = new Map(nodes.map((node) => [node.id, node]))
  const waiting = new Map<string, number>()
  const sources = new Map<string, DraftNode[]>()
  for (const node of left.values()) {
    const targets = targetsOf(node, left)
    waiting.set(node.id, targets.length)
    for (const { id } of targets) {
      const list = sources.get(id)
      if (list === undefined) sources.set(id, [node])
      else list.push(node)
    }
  }
  return { left, waiting, sources }
}

/** With these goes every node from which only nodes can be reached that are gone. What is left leads into a circle. */
function takeAway(nodes: readonly DraftNode[], { left, waiting, sources }: Graph): void {
  const free = [...nodes]
  for (let node = free.pop(); node !== undefined; node = free.pop()) {
    if (!left.delete(node.id)) continue
    for (const source of sources.get(node.id) ?? []) {
      const count = (waiting.get(source.id) ?? 0) - 1
      waiting.set(source.id, count)
      if (count === 0) free.push(source)
    }
  }
}

function cycleFrom(start: DraftNode, left: ReadonlyMap<string, DraftNode>): DraftNode[] {
  const path: DraftNode[] = []
  const positions = new Map<string, number>()
  let node: DraftNode | undefined = start
  while (node !== undefined && !positions.has(node.id)) {
    positions.set(node.id, path.length)
    path.push(node)
    node = targetsOf(node, left)[0]
  }
  return path.slice(node === undefined ? 0 : (positions.get(node.id) ?? 0))
}
