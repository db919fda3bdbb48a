// What there is to draw of a plan: boxes in boxes for containment, arrows for all other relationships.
import type { Json } from '../../kernel/json.ts'
import type { Plan, PlannedNode } from '../plan.ts'
import { freezeOrder } from './freeze-order.ts'

const containedIn = 'cloudify.relationships.contained_in'
const connectedTo = 'cloudify.relationships.connected_to'

export interface Box {
  readonly id: string
  readonly type: string
  readonly isCompute: boolean
  /** `3`, or the words of a function; undefined for a single instance. */
  readonly count: string | undefined
  /** Its place in the freeze order; undefined: it is not prepared. */
  readonly freeze: number | undefined
  readonly parent: Box | undefined
  readonly children: readonly Box[]
  readonly depth: number
}

export interface Arrow {
  readonly source: Box
  readonly target: Box
  readonly type: string
  readonly kind: 'connected' | 'depends'
}

export interface Picture {
  /** Holders before what they hold. */
  readonly boxes: readonly Box[]
  readonly roots: readonly Box[]
  readonly arrows: readonly Arrow[]
}

interface GrowingBox extends Omit<Box, 'children' | 'parent'> {
  readonly parent: GrowingBox | undefined
  readonly children: GrowingBox[]
}

export function pictureOf(plan: Plan): Picture {
  const numbers = new Map(
    freezeOrder(plan).flatMap(({ number, nodes }) => nodes.map((id): [string, number] => [id, number])),
  )
  const boxes = new Map<string, GrowingBox>()
  for (const node of holdersFirst(plan.nodes)) {
    const parent = boxes.get(holderOf(node) ?? '')
    const box: GrowingBox = {
      id: node.id,
      type: node.type,
      isCompute: node.typeHierarchy.includes('cloudify.nodes.Compute'),
      count: countOf(node.instances.default),
      freeze: numbers.get(node.id),
      parent,
      children: [],
      depth: parent === undefined ? 0 : parent.depth + 1,
    }
    parent?.children.push(box)
    boxes.set(node.id, box)
  }
  const all = [...boxes.values()]
  return { boxes: all, roots: all.filter(({ parent }) => parent === undefined), arrows: arrowsOf(plan.nodes, boxes) }
}

function arrowsOf(nodes: readonly PlannedNode[], boxes: ReadonlyMap<string, Box>): Arrow[] {
  const arrows: Arrow[] = []
  for (const node of nodes) {
    const source = boxes.get(node.id)
    for (const { target: id, type, typeHierarchy } of node.relationships) {
      const target = boxes.get(id)
      if (
        source === undefined ||
        target === undefined ||
        (source.parent === target && typeHierarchy.includes(containedIn))
      )
        continue
      arrows.push({ source, target, type, kind: typeHierarchy.includes(connectedTo) ? 'connected' : 'depends' })
    }
  }
  return arrows
}

function holderOf(node: PlannedNode): string | undefined {
  return node.relationships.find(({ typeHierarchy }) => typeHierarchy.includes(containedIn))?.target
}

function holdersFirst(nodes: readonly PlannedNode[]): PlannedNode[] {
  const inside = new Map<string | undefined, PlannedNode[]>()
  const ids = new Set(nodes.map(({ id }) => id))
  for (const node of nodes) {
    const holder = holderOf(node)
    const key = holder !== undefined && ids.has(holder) ? holder : undefined
    const siblings = inside.get(key)
    if (siblings === undefined) inside.set(key, [node])
    else siblings.push(node)
  }
  const sorted = [...(inside.get(undefined) ?? [])]
  for (let at = 0; at < sorted.length; at += 1) for (const node of inside.get(sorted[at]?.id) ?? []) sorted.push(node)
  return sorted
}

function countOf(count: Json): string | undefined {
  if (typeof count === 'number') return count === 1 ? undefined : String(count)
  return 'n'
}

/** Holders open before and close after what they hold; no recursion, however deep. */
export function* openAndClose(roots: readonly Box[]): Generator<{ readonly box: Box; readonly isOpening: boolean }> {
  const left: { box: Box; isOpening: boolean }[] = roots.toReversed().map((box) => ({ box, isOpening: true }))
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    yield next
    if (!next.isOpening) continue
    const { box } = next
    left.push({ box, isOpening: false })
    for (const child of box.children.toReversed()) left.push({ box: child, isOpening: true })
  }
}
