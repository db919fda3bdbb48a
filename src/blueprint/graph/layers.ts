// Columns for boxes that stand side by side: who depends on somebody stands left of them.
import type { Arrow, Box } from './picture.ts'

/** Arrows between boxes of one holder; an arrow from deep inside counts for the box of this level that it leaves. */
export function liftedArrows(siblings: readonly Box[], arrows: readonly Arrow[]): ReadonlyMap<Box, ReadonlySet<Box>> {
  const own = new Set(siblings)
  const lift = (box: Box): Box | undefined => {
    let at: Box | undefined = box
    while (at !== undefined && !own.has(at)) at = at.parent
    return at
  }
  const targets = new Map<Box, Set<Box>>(siblings.map((box) => [box, new Set()]))
  for (const arrow of arrows) {
    const [source, target] = [lift(arrow.source), lift(arrow.target)]
    if (source !== undefined && target !== undefined && source !== target) targets.get(source)?.add(target)
  }
  return targets
}

/** Boxes without arrows here come apart as `loose`; circles (two holders that need each other) are cut somewhere. */
export function layersOf(targets: ReadonlyMap<Box, ReadonlySet<Box>>): { layers: Box[][]; loose: Box[] } {
  const hit = new Set([...targets.values()].flatMap((list) => [...list]))
  const loose = [...targets].filter(([box, list]) => list.size === 0 && !hit.has(box)).map(([box]) => box)
  const linked = [...targets].filter(([box, list]) => list.size > 0 || hit.has(box)).map(([box]) => box)
  const order = targetsFirst(linked, targets)
  const rank = new Map(order.map((box, index) => [box, index]))
  const layer = new Map<Box, number>()
  for (const box of order.toReversed()) {
    const own = layer.get(box) ?? 0
    layer.set(box, own)
    for (const target of targets.get(box) ?? []) {
      const isForward = (rank.get(target) ?? 0) < (rank.get(box) ?? 0)
      if (isForward) layer.set(target, Math.max(layer.get(target) ?? 0, own + 1))
    }
  }
  const layers: Box[][] = []
  for (const box of linked) (layers[layer.get(box) ?? 0] ??= []).push(box)
  const filled = layers.filter((boxes) => boxes.length > 0)
  untangle(filled, targets)
  return { layers: filled, loose }
}

/** Depth first with a stack of its own: each box after all its targets, as far as there is no circle. */
function targetsFirst(boxes: readonly Box[], targets: ReadonlyMap<Box, ReadonlySet<Box>>): Box[] {
  const order: Box[] = []
  const seen = new Set<Box>()
  for (const start of boxes) {
    const stack: { box: Box; left: Box[] }[] = []
    const enter = (box: Box): void => {
      if (seen.has(box)) return
      seen.add(box)
      stack.push({ box, left: [...(targets.get(box) ?? [])] })
    }
    enter(start)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.left.shift()
      if (next !== undefined) enter(next)
      else order.push((stack.pop() as { box: Box }).box)
    }
  }
  return order
}

/** A few sweeps that put each box near the middle of those it is linked to: fewer arrows cross. */
function untangle(layers: Box[][], targets: ReadonlyMap<Box, ReadonlySet<Box>>): void {
  const sources = new Map<Box, Box[]>()
  for (const [box, list] of targets)
    for (const target of list) sources.set(target, [...(sources.get(target) ?? []), box])
  for (let sweep = 0; sweep < 4; sweep += 1) {
    const place = new Map<Box, number>()
    const note = (): void =>
      layers.forEach((boxes) => boxes.forEach((box, index) => place.set(box, index / boxes.length)))
    note()
    for (const boxes of sweep % 2 === 0 ? layers : layers.toReversed()) {
      const near = new Map(
        boxes.map((box) => [box, middle(box, [...(sources.get(box) ?? []), ...(targets.get(box) ?? [])], place)]),
      )
      boxes.sort((left, right) => (near.get(left) ?? 0) - (near.get(right) ?? 0))
      note()
    }
  }
}

function middle(box: Box, linked: readonly Box[], place: ReadonlyMap<Box, number>): number {
  if (linked.length === 0) return place.get(box) ?? 0
  return linked.reduce((sum, other) => sum + (place.get(other) ?? 0), 0) / linked.length
}
