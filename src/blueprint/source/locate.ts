// From a dotted path to line and column. Reads the text a second time, so it is only used once there is a problem to show.
import { EVENT_ID, getScalarValue, parseEvents } from 'js-yaml'
import type { Event } from 'js-yaml'
import { limits } from './limits.ts'
import type { Path, SourceFile } from './source-file.ts'

/** Counts from 1. */
interface Position {
  readonly line: number
  readonly column: number
}

interface Spot {
  start: number
  raw?: string
  readonly entries: Map<string, { readonly keyStart: number; readonly value: Spot }>
  target?: Spot
}

const indexes = new WeakMap<SourceFile, Spot | undefined>()

/** The position of the deepest part of `path` that the text has. `aim: 'key'` gives that of the key, not of the value. */
export function locate(source: SourceFile, path: Path, aim: 'key' | 'value' = 'value'): Position {
  const trail = follow(source, path)
  if (trail === undefined) return { line: 1, column: 1 }
  const isScalar = trail.spot.raw !== undefined
  // `start: script.sh` is short for a dict: the way into it ends at the text.
  const wantsValue = aim === 'value' && (isScalar || (trail.complete && trail.keyStart < 0))
  const offset = wantsValue ? trail.spot.start : trail.keyStart
  return inText(source, positionAt(source.readable, offset < 0 ? trail.spot.start : offset))
}

/** The scalar at `path` as it is written; undefined when there is none. */
export function rawScalar(source: SourceFile, path: Path): string | undefined {
  const trail = follow(source, path)
  return trail?.complete === true ? trail.spot.raw : undefined
}

/** Takes back what moving a line to the right added to its columns. */
function inText(source: SourceFile, { line, column }: Position): Position {
  if (source.readable === source.text) return { line, column }
  const moved = (source.readable.split('\n')[line - 1] ?? '').length - (source.text.split('\n')[line - 1] ?? '').length
  return { line, column: Math.max(1, column - moved) }
}

export function positionAt(text: string, offset: number): Position {
  const starts = lineStartsOf(text)
  const end = Math.max(0, Math.min(offset, text.length))
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= end) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: end - (starts[low] ?? 0) + 1 }
}

let lastLines: { readonly text: string; readonly starts: readonly number[] } | undefined

/** Problems come file by file: the lines of the last one are all that is worth keeping. */
function lineStartsOf(text: string): readonly number[] {
  if (lastLines?.text === text) return lastLines.starts
  const starts = [0]
  for (let next = text.indexOf('\n'); next !== -1; next = text.indexOf('\n', next + 1)) starts.push(next + 1)
  lastLines = { text, starts }
  return starts
}

function follow(source: SourceFile, path: Path): { spot: Spot; keyStart: number; complete: boolean } | undefined {
  const root = indexOf(source)
  if (root === undefined) return undefined
  let spot = root
  let keyStart = -1
  for (const part of path) {
    const entry = entryOf(spot, String(part))
    if (entry === undefined) return { spot, keyStart, complete: false }
    keyStart = entry.keyStart
    spot = entry.value.target ?? entry.value
  }
  return { spot, keyStart, complete: true }
}

function entryOf(spot: Spot, key: string): { readonly keyStart: number; readonly value: Spot } | undefined {
  const direct = spot.entries.get(key)
  if (direct !== undefined) return direct
  const merged = spot.entries.get('<<')?.value
  if (merged === undefined) return undefined
  const sources = [merged, ...[...merged.entries.values()].map(({ value }) => value)]
  for (const source of sources) {
    const found = (source.target ?? source).entries.get(key)
    if (found !== undefined) return found
  }
  return undefined
}

function indexOf(source: SourceFile): Spot | undefined {
  if (!indexes.has(source)) indexes.set(source, build(source.readable))
  return indexes.get(source)
}

interface Frame {
  readonly spot: Spot
  readonly isMapping: boolean
  key: { readonly text: string; readonly start: number } | undefined
  count: number
}

function build(text: string): Spot | undefined {
  let events: Event[]
  try {
    events = parseEvents(text, { maxDepth: limits.depth })
  } catch {
    return undefined
  }
  const anchors = new Map<string, Spot>()
  const frames: Frame[] = []
  let root: Spot | undefined
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) continue
    if (event.type === EVENT_ID.POP) {
      frames.pop()
      continue
    }
    const spot = spotOf(event, text, anchors)
    root ??= spot
    place(frames.at(-1), spot)
    if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) {
      frames.push({ spot, isMapping: event.type === EVENT_ID.MAPPING, key: undefined, count: 0 })
    }
  }
  return root
}

function place(frame: Frame | undefined, spot: Spot): void {
  if (frame === undefined) return
  if (!frame.isMapping) {
    frame.spot.entries.set(String(frame.count), { keyStart: spot.start, value: spot })
    frame.count += 1
  } else if (frame.key === undefined) {
    frame.key = { text: spot.raw ?? '', start: spot.start }
  } else {
    if (spot.start < 0) spot.start = frame.key.start
    frame.spot.entries.set(frame.key.text, { keyStart: frame.key.start, value: spot })
    frame.key = undefined
  }
}

function spotOf(event: Event, text: string, anchors: Map<string, Spot>): Spot {
  if (event.type === EVENT_ID.ALIAS) {
    const target = anchors.get(text.slice(event.anchorStart, event.anchorEnd))
    const spot: Spot = { start: event.anchorStart - 1, entries: new Map() }
    if (target !== undefined) spot.target = target
    return spot
  }
  const spot: Spot = { start: -1, entries: new Map() }
  if (event.type === EVENT_ID.SCALAR) {
    spot.start = event.valueStart
    spot.raw = getScalarValue(text, event)
  } else if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) {
    spot.start = event.start
  }
  if ('anchorStart' in event && event.anchorStart >= 0)
    anchors.set(text.slice(event.anchorStart, event.anchorEnd), spot)
  return spot
}
