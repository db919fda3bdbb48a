// JSON as a type, and the few operations on it that every room needs.

export type JsonPrimitive = string | number | boolean | null
export type Json = JsonPrimitive | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** One step down, through own properties only. */
export function childOf(value: Json, segment: string | number): Json | undefined {
  if (typeof segment === 'number') return Array.isArray(value) ? (value as readonly Json[])[segment] : undefined
  return isJsonObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined
}

/** Text with keys in code-unit order at every depth: equal values give equal text, whatever order they were built in. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, item: Json) => (isJsonObject(item) ? sortedKeys(item) : item))
}

function sortedKeys(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
}
