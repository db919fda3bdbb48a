// Where every box stands: holders are as large as what they hold, and nothing overlaps.
import { layersOf, liftedArrows } from './layers.ts'
import type { Arrow, Box, Picture } from './picture.ts'
import { cut, textWidth } from './text-width.ts'

/** Pixels, from the top left corner of the picture. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Layout {
  readonly places: ReadonlyMap<Box, Place>
  readonly width: number
  readonly height: number
}

export const nameSize = 14
export const typeSize = 11
export const titleHeight = 44
const leafHeight = 48
const inset = 18
const gap = 22
/** Between columns that arrows cross. */
const arrowGap = 64
/** How wide a block may be for its height before it is wrapped. */
const aspect = 1.7

interface Size {
  readonly width: number
  readonly height: number
}

/** A block of boxes with the places of each within it. */
interface Block extends Size {
  readonly offsets: ReadonlyMap<Box, { readonly x: number; readonly y: number }>
}

export function shownName(box: Box): string {
  return cut(box.id, 40)
}

export function shownType(box: Box): string {
  return cut(box.type, 46)
}

export function layOut({ boxes, roots, arrows }: Picture): Layout {
  const sizes = new Map<Box, Size>()
  const blocks = new Map<Box | undefined, Block>()
  const inside = arrowsByHolder(arrows)
  // What is held is measured before its holder.
  for (const box of boxes.toReversed()) {
    if (box.children.length === 0) {
      sizes.set(box, { width: titleWidth(box), height: leafHeight })
      continue
    }
    const block = arrange(box.children, inside.get(box) ?? [], sizes)
    blocks.set(box, block)
    sizes.set(box, {
      width: Math.max(titleWidth(box), block.width + 2 * inset),
      height: titleHeight + block.height + inset,
    })
  }
  const whole = arrange(roots, inside.get(undefined) ?? [], sizes)
  blocks.set(undefined, whole)
  const places = new Map<Box, Place>()
  for (const box of boxes) {
    const block = blocks.get(box.parent)
    const offset = block?.offsets.get(box) ?? { x: 0, y: 0 }
    const holder = box.parent === undefined ? undefined : places.get(box.parent)
    const origin =
      holder === undefined
        ? { x: inset, y: inset }
        : { x: holder.x + (holder.width - (block?.width ?? 0)) / 2, y: holder.y + titleHeight }
    const size = sizes.get(box) ?? { width: 0, height: 0 }
    places.set(box, { x: Math.round(origin.x + offset.x), y: Math.round(origin.y + offset.y), ...size })
  }
  return { places, width: whole.width + 2 * inset, height: whole.height + 2 * inset }
}

function titleWidth(box: Box): number {
  const count = box.count === undefined ? '' : ` ×${box.count}`
  const name = textWidth(shownName(box) + count, nameSize)
  const badge = box.freeze === undefined ? 0 : 26
  return Math.max(110, name + badge + 24, textWidth(shownType(box), typeSize) + 24)
}

/** Each arrow matters to the holder in which its two ends part. */
function arrowsByHolder(arrows: readonly Arrow[]): ReadonlyMap<Box | undefined, Arrow[]> {
  const result = new Map<Box | undefined, Arrow[]>()
  for (const arrow of arrows) {
    const holder = commonHolder(arrow.source, arrow.target)
    const known = result.get(holder)
    if (known === undefined) result.set(holder, [arrow])
    else known.push(arrow)
  }
  return result
}

function commonHolder(left: Box, right: Box): Box | undefined {
  let [a, b]: [Box | undefined, Box | undefined] = [left.parent, right.parent]
  while (a !== b) {
    if ((a?.depth ?? -1) >= (b?.depth ?? -1)) a = a?.parent
    else b = b?.parent
  }
  return a
}

function arrange(siblings: readonly Box[], arrows: readonly Arrow[], sizes: ReadonlyMap<Box, Size>): Block {
  const { layers, loose } = layersOf(liftedArrows(siblings, arrows))
  const linked = layered(layers, sizes)
  if (loose.length === 0) return linked
  const shelf = shelves(loose, sizes, linked.width)
  if (linked.width === 0) return shelf
  return below(linked, shelf)
}

type Direction = 'across' | 'down'

/** Layers as columns from left to right, or as rows from top to bottom: whichever gives the better page. */
function layered(layers: readonly (readonly Box[])[], sizes: ReadonlyMap<Box, Size>): Block {
  const across = stack(layers, sizes, 'across')
  const down = stack(layers, sizes, 'down')
  return strain(down) < strain(across) ? down : across
}

/** How far a block is from the wanted page; a tall one is scrolled more easily than a wide one. */
function strain({ width, height }: Size): number {
  const ratio = width / Math.max(1, height) / aspect
  return ratio > 1 ? ratio : 1 / ratio
}

function stack(layers: readonly (readonly Box[])[], sizes: ReadonlyMap<Box, Size>, direction: Direction): Block {
  const count = layers.reduce((sum, layer) => sum + layer.length, 0)
  const most = Math.max(4, Math.ceil(Math.sqrt(count * (direction === 'across' ? 2 : 1.2))))
  const lines = layers.map((layer) => inLines(layer, most))
  const longest = Math.max(0, ...lines.flat().map((line) => lengthOf(line, sizes, direction)))
  const offsets = new Map<Box, { x: number; y: number }>()
  let at = 0
  for (const layer of lines) {
    for (const [index, line] of layer.entries()) {
      const thick = Math.max(...line.map((box) => extent(box, sizes, direction).thick))
      let along = (longest - lengthOf(line, sizes, direction)) / 2
      for (const box of line) {
        const { thick: own, long } = extent(box, sizes, direction)
        const middle = at + (thick - own) / 2
        offsets.set(box, direction === 'across' ? { x: middle, y: along } : { x: along, y: middle })
        along += long + gap
      }
      at += thick + (index === layer.length - 1 ? arrowGap : gap)
    }
  }
  const thickness = Math.max(0, at - arrowGap)
  return direction === 'across'
    ? { offsets, width: thickness, height: longest }
    : { offsets, width: longest, height: thickness }
}

function inLines(layer: readonly Box[], most: number): Box[][] {
  const count = Math.ceil(layer.length / most)
  const each = Math.ceil(layer.length / count)
  return Array.from({ length: count }, (_unused, index) => layer.slice(index * each, (index + 1) * each))
}

/** Across, layers are as thick as their boxes are wide; down, as they are high. */
function extent(box: Box, sizes: ReadonlyMap<Box, Size>, direction: Direction): { thick: number; long: number } {
  const { width, height } = sizes.get(box) ?? { width: 0, height: 0 }
  return direction === 'across' ? { thick: width, long: height } : { thick: height, long: width }
}

function lengthOf(line: readonly Box[], sizes: ReadonlyMap<Box, Size>, direction: Direction): number {
  return line.reduce((sum, box) => sum + extent(box, sizes, direction).long + gap, -gap)
}

/** From left to right and then into the next row, as words on a page. */
function shelves(boxes: readonly Box[], sizes: ReadonlyMap<Box, Size>, least: number): Block {
  const area = boxes.reduce((sum, box) => {
    const { width, height } = sizes.get(box) ?? { width: 0, height: 0 }
    return sum + (width + gap) * (height + gap)
  }, 0)
  const wanted = Math.max(least, Math.sqrt(area * aspect))
  const offsets = new Map<Box, { x: number; y: number }>()
  let [x, y, tallest, widest] = [0, 0, 0, 0]
  for (const box of boxes) {
    const size = sizes.get(box) ?? { width: 0, height: 0 }
    if (x > 0 && x + size.width > wanted) {
      x = 0
      y += tallest + gap
      tallest = 0
    }
    offsets.set(box, { x, y })
    x += size.width + gap
    widest = Math.max(widest, x - gap)
    tallest = Math.max(tallest, size.height)
  }
  return { offsets, width: widest, height: y + tallest }
}

function below(upper: Block, lower: Block): Block {
  const moved = [...lower.offsets].map(([box, { x, y }]): [Box, { x: number; y: number }] => [
    box,
    { x, y: y + upper.height + gap },
  ])
  return {
    offsets: new Map([...upper.offsets, ...moved]),
    width: Math.max(upper.width, lower.width),
    height: upper.height + gap + lower.height,
  }
}
