// Nodes that depend on each other in a circle have no order in which anything could be done with them.
import { placeIn } from '../document.ts'
import type { Build } from './build.ts'
import type { DraftNode } from './node-template.ts'

/** Reports circles of relationships as a path. Keeps a list of its own instead of recursing: chains may be long. */
export function checkRelationshipCycles(nodes: readonly DraftNode[], build: Build): void {
  const left = new Map(nodes.map((node) => [node.id, node]))
  peel(left)
  for (let start = firstOf(left); start !== undefined; start = firstOf(left)) {
    const cycle = cycleFrom(start, left)
    const names = [...cycle, cycle[0] as DraftNode].map(({ id }) => id).join(' -> ')
    build.reporter.add('blueprint.relationship_cycle', placeIn((cycle[0] ?? start).element, 'relationships'), {
      cycle: names,
    })
    for (const { id } of cycle) left.delete(id)
    peel(left)
  }
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

/** Takes away every node from which only nodes can be reached that are already gone. What is left leads into a circle. */
function peel(left: Map<string, DraftNode>): void {
  const waiting = new Map<string, number>()
  const sources = new Map<string, DraftNode[]>()
  const free: DraftNode[] = []
  for (const node of left.values()) {
    const targets = targetsOf(node, left)
    waiting.set(node.id, targets.length)
    if (targets.length === 0) free.push(node)
    for (const { id } of targets) {
      const list = sources.get(id)
      if (list === undefined) sources.set(id, [node])
      else list.push(node)
    }
  }
  for (let node = free.pop(); node !== undefined; node = free.pop()) {
    left.delete(node.id)
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
