// The way of every arrow: from side to side, and several at one side stand apart.
import type { Place } from './layout.ts'
import { titleHeight } from './layout.ts'
import type { Arrow, Box } from './picture.ts'

type Side = 'left' | 'right' | 'top' | 'bottom'

interface End {
  readonly box: Box
  readonly side: Side
  /** The middle of the other end. */
  readonly towards: { readonly x: number; readonly y: number }
}

interface Point {
  readonly x: number
  readonly y: number
}

export interface ArrowPath {
  readonly arrow: Arrow
  /** For the attribute `d` of an SVG path. */
  readonly d: string
}

export function arrowPaths(arrows: readonly Arrow[], places: ReadonlyMap<Box, Place>): ArrowPath[] {
  const ends = arrows.map((arrow) => endsOf(arrow, places))
  const ports = portsOf(ends.flat(), places)
  return arrows.map((arrow, index) => {
    const [from, to] = ends[index] as [End, End]
    const [start, end] = [ports.get(from) ?? { x: 0, y: 0 }, ports.get(to) ?? { x: 0, y: 0 }]
    return { arrow, d: curve(start, from.side, end, to.side) }
  })
}

function endsOf({ source, target }: Arrow, places: ReadonlyMap<Box, Place>): [End, End] {
  const [from, to] = [placeOf(source, places), placeOf(target, places)]
  const [fromSide, toSide] = sidesOf(source, from, target, to)
  return [
    { box: source, side: fromSide, towards: middle(to) },
    { box: target, side: toSide, towards: middle(from) },
  ]
}

function sidesOf(source: Box, from: Place, target: Box, to: Place): [Side, Side] {
  // Between a box and what holds it the arrow stays inside.
  if (holds(target, source)) return ['top', 'top']
  if (holds(source, target)) return ['top', 'top']
  const across = Math.max(to.x - from.x - from.width, from.x - to.x - to.width)
  const down = Math.max(to.y - from.y - from.height, from.y - to.y - to.height)
  if (across > 0 && across >= down) return to.x > from.x ? ['right', 'left'] : ['left', 'right']
  return to.y > from.y ? ['bottom', 'top'] : ['top', 'bottom']
}

function holds(holder: Box, box: Box): boolean {
  for (let at = box.parent; at !== undefined; at = at.parent) if (at === holder) return true
  return false
}

function portsOf(ends: readonly End[], places: ReadonlyMap<Box, Place>): ReadonlyMap<End, Point> {
  const bySide = new Map<Box, Map<Side, End[]>>()
  for (const end of ends) {
    const sides = bySide.get(end.box) ?? new Map<Side, End[]>()
    bySide.set(end.box, sides.set(end.side, [...(sides.get(end.side) ?? []), end]))
  }
  const ports = new Map<End, Point>()
  for (const [box, sides] of bySide) {
    for (const [side, list] of sides) {
      const isUpright = side === 'left' || side === 'right'
      list.sort((left, right) => (isUpright ? left.towards.y - right.towards.y : left.towards.x - right.towards.x))
      list.forEach((end, index) => ports.set(end, port(placeOf(box, places), side, (index + 1) / (list.length + 1))))
    }
  }
  return ports
}

function port({ x, y, width, height }: Place, side: Side, share: number): Point {
  if (side === 'left') return { x, y: y + height * share }
  if (side === 'right') return { x: x + width, y: y + height * share }
  return { x: x + width * share, y: side === 'top' ? y : y + height }
}

function curve(start: Point, from: Side, end: Point, to: Side): string {
  const bow = Math.max(24, Math.min(90, Math.hypot(end.x - start.x, end.y - start.y) / 2.5))
  const [a, b] = [leave(start, from, bow), leave(end, to, from === to ? Math.min(bow, titleHeight / 2) : bow)]
  return `M${text(start)} C${text(a)} ${text(b)} ${text(end)}`
}

function leave({ x, y }: Point, side: Side, far: number): Point {
  if (side === 'left') return { x: x - far, y }
  if (side === 'right') return { x: x + far, y }
  return { x, y: side === 'top' ? y - far : y + far }
}

function text({ x, y }: Point): string {
  return `${Math.round(x)},${Math.round(y)}`
}

function middle({ x, y, width, height }: Place): Point {
  return { x: x + width / 2, y: y + height / 2 }
}

function placeOf(box: Box, places: ReadonlyMap<Box, Place>): Place {
  return places.get(box) ?? { x: 0, y: 0, width: 0, height: 0 }
}
