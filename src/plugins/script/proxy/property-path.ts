// Dotted paths with list indices, `disks[0].size`, into JSON: read, write (making missing dictionaries), delete.
import { fault, type Fault } from '../../../kernel/fault.ts'
import { childOf, isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'

type Segment = string | number

/** @throws Fault `script.bad_input` when the path leads nowhere. */
export function readPath(values: JsonObject, path: string): Json {
  let current: Json = values
  for (const segment of segmentsOf(path)) {
    const next = childOf(current, segment)
    if (next === undefined) throw illegal(path)
    current = next
  }
  return current
}

/** Puts a value at the path. Nested values are replaced by changed copies, never changed in place. */
export function writePath(target: Record<string, Json>, path: string, value: Json): void {
  const [first, ...rest] = segmentsOf(path)
  if (typeof first !== 'string') throw illegal(path)
  target[first] = withValue(childOf(target, first), rest, value, path)
}

/** @throws Fault `script.bad_input` when there is nothing at the path. */
export function deletePath(target: Record<string, Json>, path: string): void {
  const segments = segmentsOf(path)
  const last = segments.at(-1)
  const first = segments[0]
  readPath(target, path)
  if (segments.length === 1 && typeof first === 'string') {
    delete target[first]
    return
  }
  if (typeof first !== 'string' || last === undefined) throw illegal(path)
  target[first] = without(childOf(target, first) ?? null, segments.slice(1), path)
}

function segmentsOf(path: string): readonly Segment[] {
  const segments = path.split('.').flatMap((part) => {
    const match = /^(.+?)((?:\[\d+\])+)$/.exec(part)
    if (!match?.[1] || !match[2]) return [part]
    return [match[1], ...[...match[2].matchAll(/\d+/g)].map((index) => Number(index[0]))]
  })
  if (segments.includes('') || segments.includes('__proto__')) throw illegal(path)
  return segments
}

function withValue(current: Json | undefined, segments: readonly Segment[], value: Json, path: string): Json {
  const [segment, ...rest] = segments
  if (segment === undefined) return value
  if (typeof segment === 'number') {
    if (!Array.isArray(current) || segment > current.length) throw illegal(path)
    return (current as readonly Json[]).toSpliced(segment, 1, withValue(current[segment], rest, value, path))
  }
  if (current !== undefined && !isJsonObject(current)) throw illegal(path)
  const next = current === undefined ? undefined : childOf(current, segment)
  return { ...current, [segment]: withValue(next, rest, value, path) }
}

function without(current: Json, segments: readonly Segment[], path: string): Json {
  const [segment, ...rest] = segments
  if (segment === undefined) throw illegal(path)
  if (typeof segment === 'number') {
    const items = current as readonly Json[]
    return rest.length === 0
      ? items.toSpliced(segment, 1)
      : items.toSpliced(segment, 1, without(items[segment] ?? null, rest, path))
  }
  const { [segment]: child, ...others } = current as JsonObject
  return rest.length === 0 ? others : { ...others, [segment]: without(child ?? null, rest, path) }
}

function illegal(path: string): Fault {
  return fault('script.bad_input', { details: { message: `illegal path: ${path}` } })
}
