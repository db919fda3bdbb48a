// Walks a value with all values in it.
import type { Json } from '../kernel/json.ts'

/** A value and all values in it, with the way to each. Has no limit of its own: documents are bounded when read. */
export function* valuesIn(
  value: Json,
  path: readonly (string | number)[] = [],
): Generator<{ value: Json; path: readonly (string | number)[] }> {
  yield { value, path }
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value))
    yield* valuesIn(item as Json, [...path, Array.isArray(value) ? Number(key) : key])
}
