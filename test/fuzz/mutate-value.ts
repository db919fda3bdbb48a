// Damages what a text says instead of how it is written: the result is always YAML, so it gets past the reader.
import { load, YAML11_SCHEMA } from 'js-yaml'
import { below, type Chance, pick } from './mutate.ts'

type Container = Record<string, unknown>

const values: readonly unknown[] = [
  [null, true, 0, -1, 1.5, 1e300, '', 'x', 'SELF', 'a--b', '__proto', 'constructor', [], {}, [[]], [null], ['x', 1]],
  ['cloudify.nodes.Root', 'cloudify.relationships.contained_in', 'p.op', 'scripts/x.sh', 'UNBOUNDED', '2026-13-45'],
  [
    'get_input',
    'get_property',
    'get_attribute',
    'concat',
    'merge',
    'get_secret',
    'string_split',
    'get_sys',
    'get_label',
  ].flatMap((name) => [
    { [name]: 'a' },
    { [name]: [] },
    { [name]: ['SELF', 'a', 0] },
    { [name]: { [name]: 'a' } },
    { [name]: null },
  ]),
].flat()

/** The text with one to five values changed; undefined when it cannot be read. */
export function mutateValue(text: string, chance: Chance): string | undefined {
  let root: unknown
  try {
    root = structuredClone(load(text, { schema: YAML11_SCHEMA, json: true }))
    for (let left = 1 + below(chance, 5); left > 0; left -= 1) change(root, chance)
    return JSON.stringify(root)
  } catch {
    // No YAML, or an alias that contains itself: the other mutations take care of those.
    return undefined
  }
}

function change(root: unknown, chance: Chance): void {
  const containers = containersOf(root)
  if (containers.length === 0) return
  const container = pick(chance, containers)
  const keys = Object.keys(container)
  const key = keys.length === 0 ? 'x' : pick(chance, keys)
  const other = pick(chance, containers)
  const otherKey = pick(chance, [...Object.keys(other), 'x'])
  switch (below(chance, 6)) {
    case 0:
      container[key] = structuredClone(pick(chance, values))
      break
    case 1:
      delete container[key]
      break
    case 2:
      container[key] = structuredClone(other[otherKey])
      break
    case 3:
      container[otherKey] = container[key]
      delete container[key]
      break
    case 4:
      container[key] = [container[key]]
      break
    default:
      container[String(pick(chance, values))] = container[key]
  }
}

function containersOf(root: unknown): Container[] {
  const found: Container[] = []
  const pending = [root]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue
    found.push(next as Container)
    pending.push(...Object.values(next).filter((value) => value !== undefined))
    if (found.length > 2000) break
  }
  return found
}
