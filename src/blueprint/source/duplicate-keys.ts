// Finds keys that stand twice in one dict. Values forget them: only the text still knows.
import { EVENT_ID, getScalarValue, parseEvents } from 'js-yaml'
import type { Event } from 'js-yaml'
import { limits } from './limits.ts'
import { positionAt } from './locate.ts'
import type { PathPart, SourceFile } from './source-file.ts'

export interface DuplicateKey {
  readonly key: string
  /** The way to the last one, which counts. */
  readonly path: readonly PathPart[]
  readonly line: number
  readonly firstLine: number
}

interface Frame {
  readonly isMapping: boolean
  readonly lines: Map<string, number>
  part: PathPart
  awaitsKey: boolean
}

export function duplicateKeys(source: SourceFile): readonly DuplicateKey[] {
  const text = source.readable
  const found: DuplicateKey[] = []
  const frames: Frame[] = []
  for (const event of parseEvents(text, { maxDepth: limits.depth })) {
    if (event.type === EVENT_ID.DOCUMENT) continue
    if (event.type === EVENT_ID.POP) {
      frames.pop()
      continue
    }
    enter(event, text, frames, found)
    if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) {
      const isMapping = event.type === EVENT_ID.MAPPING
      frames.push({ isMapping, lines: new Map(), part: isMapping ? '' : -1, awaitsKey: isMapping })
    }
  }
  return found
}

function enter(event: Event, text: string, frames: readonly Frame[], found: DuplicateKey[]): void {
  const frame = frames.at(-1)
  if (frame === undefined) return
  if (!frame.isMapping) {
    frame.part = Number(frame.part) + 1
    return
  }
  if (!frame.awaitsKey) {
    frame.awaitsKey = true
    return
  }
  frame.awaitsKey = false
  if (event.type !== EVENT_ID.SCALAR) return
  const key = getScalarValue(text, event)
  frame.part = key
  const { line } = positionAt(text, event.valueStart)
  const firstLine = frame.lines.get(key)
  frame.lines.set(key, line)
  // `<<` may stand several times, each brings something.
  if (firstLine !== undefined && key !== '<<') {
    found.push({ key, path: frames.map(({ part }) => part), line, firstLine })
  }
}
