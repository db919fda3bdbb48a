// A plan's timeline as SVG that stands alone: a lane for each instance, what is called on it, and how long it stands still.
import { escapeXml } from '../blueprint/graph/escape-xml.ts'
import { cut, textWidth } from '../blueprint/graph/text-width.ts'
import { formatDuration, type Duration } from '../kernel/duration.ts'

export interface PictureSpan {
  readonly from: Duration
  readonly to: Duration
  readonly kind: SpanKind
  /** Nobody knows how long it takes. */
  readonly isGuess: boolean
  /** Shown when one points at it. */
  readonly title: string
}

export interface PictureLane {
  readonly name: string
  readonly spans: readonly PictureSpan[]
  /** When it stands still. */
  readonly still: readonly { readonly from: Duration; readonly to: Duration; readonly title: string }[]
}

export interface TimelinePicture {
  readonly title: string
  readonly lanes: readonly PictureLane[]
  readonly length: Duration
  /** Said below the axis. */
  readonly note: string | null
}

const kinds = {
  freeze: { colour: '#2b6cb0', words: 'freeze' },
  cut: { colour: '#b44d12', words: 'cut' },
  thaw: { colour: '#2f855a', words: 'thaw' },
  settle: { colour: '#829ab1', words: 'settle' },
  call: { colour: '#52606d', words: 'call' },
} as const
export type SpanKind = keyof typeof kinds

const colours = { text: '#1f2933', faint: '#52606d', line: '#d9e2ec', still: '#bee3f8' } as const
const size = { lane: 26, bar: 12, time: 860, edge: 18, top: 58, font: 12, longestName: 40 } as const

export function drawTimeline(picture: TimelinePicture): string {
  const names = picture.lanes.map(({ name }) => cut(name, size.longestName))
  const left = size.edge + Math.max(60, ...names.map((name) => textWidth(name, size.font))) + 14
  const bottom = size.top + picture.lanes.length * size.lane
  const width = left + size.time + size.edge + 20
  const height = bottom + 78
  const step = stepOf(picture.length)
  const end = Math.max(step, Math.ceil(picture.length / step) * step)
  const x = (at: Duration): number => round(left + (at / end) * size.time)
  const lanes = picture.lanes.flatMap((lane, index) => laneOf(lane, names[index] ?? '', { index, x, left, width }))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="${size.font}" fill="${colours.text}">`,
    `<title>${escapeXml(picture.title)}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${size.edge}" y="30" font-size="15" font-weight="bold">${escapeXml(picture.title)}</text>`,
    ...axisOf(step, end, x, bottom),
    ...lanes,
    ...legendOf(picture, left, bottom + 46),
    ...(picture.note === null
      ? []
      : [`<text x="${left}" y="${bottom + 68}" fill="${colours.faint}">${escapeXml(picture.note)}</text>`]),
    '</svg>',
    '',
  ].join('\n')
}

interface LanePlace {
  readonly index: number
  readonly x: (at: Duration) => number
  readonly left: number
  readonly width: number
}

function laneOf(lane: PictureLane, name: string, { index, x, left, width }: LanePlace): string[] {
  const top = size.top + index * size.lane
  const rule = `<path d="M${size.edge},${top + size.lane} H${width - size.edge}" stroke="${colours.line}"/>`
  const label = `<text x="${left - 12}" y="${top + 17}" text-anchor="end">${escapeXml(name)}<title>${escapeXml(lane.name)}</title></text>`
  const still = lane.still.map(({ from, to, title }) =>
    boxElement({ x: x(from), y: top + 2, width: x(to) - x(from), height: size.lane - 4, colour: colours.still, title }),
  )
  const spans = lane.spans.map((span) => spanOf(span, top + (size.lane - size.bar) / 2, x))
  return [rule, label, ...still, ...spans]
}

function spanOf({ from, to, kind, isGuess, title }: PictureSpan, y: number, x: (at: Duration) => number): string {
  const place = { x: x(from), y, width: x(to) - x(from), height: size.bar }
  const bar = boxElement({ ...place, colour: kinds[kind].colour, title, ...(isGuess ? { opacity: 0.45 } : {}) })
  if (kind !== 'cut') return bar
  // The instant that counts is to be found also where the cut itself is too short to be seen.
  const at = x(from)
  return `${bar}<path d="M${at},${y - 5} v${size.bar + 10}" stroke="${kinds.cut.colour}" stroke-width="2"/>`
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly colour: string
  readonly opacity?: number
  readonly title: string
}

function boxElement({ x, y, width, height, colour, opacity, title }: Box): string {
  const style = opacity === undefined ? '' : ` fill-opacity="${opacity}"`
  return `<rect x="${x}" y="${y}" width="${Math.max(2, round(width))}" height="${height}" rx="2" fill="${colour}"${style}><title>${escapeXml(title)}</title></rect>`
}

function axisOf(step: Duration, end: Duration, x: (at: Duration) => number, bottom: number): string[] {
  const marks: string[] = []
  for (let count = 0; count * step <= end; count++) {
    const at = x(count * step)
    marks.push(
      `<path d="M${at},${size.top - 6} V${bottom + 6}" stroke="${colours.line}"/>`,
      `<text x="${at}" y="${bottom + 22}" text-anchor="middle" fill="${colours.faint}">${secondsText(count * step, step)} s</text>`,
    )
  }
  return marks
}

function legendOf({ lanes }: TimelinePicture, left: number, y: number): string[] {
  const used = new Set(lanes.flatMap(({ spans }) => spans.map(({ kind }) => kind)))
  const entries: { words: string; colour: string }[] = Object.entries(kinds)
    .filter(([kind]) => used.has(kind as SpanKind))
    .map(([, entry]) => entry)
  if (lanes.some(({ spans }) => spans.some(({ isGuess }) => isGuess)))
    entries.push({ words: 'paler: length guessed', colour: '#a8b0b8' })
  if (lanes.some(({ still }) => still.length > 0)) entries.push({ words: 'stands still', colour: colours.still })
  let x = left
  return entries.map(({ words, colour }) => {
    const entry = `<rect x="${x}" y="${y - 9}" width="14" height="10" rx="2" fill="${colour}"/><text x="${x + 20}" y="${y}" fill="${colours.faint}">${words}</text>`
    x += 44 + textWidth(words, size.font)
    return entry
  })
}

/** 1, 2 or 5 times a power of ten, so that there are about ten marks. */
function stepOf(length: Duration): Duration {
  const rough = Math.max(1, length) / 10
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((one) => one * power >= rough) ?? 10
  return Math.max(1, factor * power)
}

/** With as many digits as the step needs. */
function secondsText(at: Duration, step: Duration): string {
  return (at / 1000).toFixed(Math.max(0, Math.ceil(-Math.log10(step / 1000))))
}

const round = (value: number): number => Math.round(value * 10) / 10

/** `node_x1: cut, 200 ms`. */
export function spanTitle(what: string, length: Duration | null): string {
  return `${what}, ${length === null ? 'of unknown length' : formatDuration(length)}`
}
