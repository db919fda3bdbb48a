// YAML 1.1 text to JSON, as PyYAML reads it. Bounded: depth, size after aliases are expanded, and keys that could harm.
import { boolYaml11Tag, load, defineScalarTag, floatYaml11Tag, NOT_RESOLVED, timestampTag, YAML11_SCHEMA, YAMLException } from 'js-yaml'
import type { Schema } from 'js-yaml'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { ProblemCode } from '../problem-table.ts'
import type { Path, SourceFile } from './source-file.ts'

export const limits = { textLength: 16 * 1024 * 1024, depth: 100, values: 4_000_000 } as const

export interface ReadFailure {
  readonly code: ProblemCode
  readonly details: Readonly<Record<string, Json>>
  readonly path: Path
  /** Where the text itself broke; counts from 0. */
  readonly offset?: number
}

let wholeFloatSeen = false

const floats = defineScalarTag('tag:yaml.org,2002:float', {
  ...floatYaml11Tag,
  resolve: (text, isExplicit, tag) => {
    const value = floatYaml11Tag.resolve(text, isExplicit, tag)
    // JSON has no .inf and .nan: they stay text.
    if (value === NOT_RESOLVED || !Number.isFinite(value)) return NOT_RESOLVED
    if (Number.isInteger(value)) wholeFloatSeen = true
    return value
  },
})

// Dates stay text: JSON has none, and nothing in a blueprint means one.
const dates = defineScalarTag('tag:yaml.org,2002:timestamp', {
  ...timestampTag,
  resolve: (text, isExplicit, tag) =>
    timestampTag.resolve(text, isExplicit, tag) === NOT_RESOLVED ? NOT_RESOLVED : text,
})

// `y` and `n` stay text, as they do in PyYAML: both are everyday names.
const flags = defineScalarTag('tag:yaml.org,2002:bool', {
  ...boolYaml11Tag,
  resolve: (text, isExplicit, tag) =>
    text.length === 1 && !isExplicit ? NOT_RESOLVED : boolYaml11Tag.resolve(text, isExplicit, tag),
})

const schema: Schema = YAML11_SCHEMA.withTags(flags, floats, dates)

/** Reads one file. An empty text is an empty object. */
export function readYaml(name: string, text: string, isBundled = false): SourceFile | ReadFailure {
  if (text.length > limits.textLength) return failure('blueprint.too_large', { what: name, limit: '16 MiB' })
  wholeFloatSeen = false
  let value: unknown
  try {
    value = load(text, { schema, json: true, maxDepth: limits.depth, filename: name })
  } catch (thrown) {
    return syntaxFailure(thrown, text)
  }
  const root = value ?? {}
  const hasWholeFloats = wholeFloatSeen
  if (!isJsonObject(root)) return failure('blueprint.wrong_shape', { key: name, expected: 'a dict', found: 'something else' })
  const refusal = isBundled ? undefined : inspect(root)
  return refusal ?? { name, text, value: root as JsonObject, hasWholeFloats, isBundled }
}

export function isReadFailure(result: SourceFile | ReadFailure): result is ReadFailure {
  return 'code' in result
}

function syntaxFailure(thrown: unknown, text: string): SourceFile | ReadFailure {
  if (!(thrown instanceof YAMLException)) return failure('blueprint.yaml', { reason: 'it cannot be read' })
  if (thrown.reason.includes('input is empty')) {
    return { name: '', text, value: {}, hasWholeFloats: false, isBundled: false }
  }
  const offset = thrown.mark?.position ?? 0
  const code = /depth/i.test(thrown.reason) ? 'blueprint.too_deep' : 'blueprint.yaml'
  return { ...failure(code, { reason: thrown.reason, limit: limits.depth }), offset }
}

function failure(code: ProblemCode, details: Readonly<Record<string, Json>>, path: Path = []): ReadFailure {
  return { code, details, path }
}

/** Finds aliases that contain themselves, values that explode when aliases are written out, and dangerous keys. */
function inspect(root: object): ReadFailure | undefined {
  const sizes = new Map<object, number>()
  const open = new Set<object>()
  const path: (string | number)[] = []
  let refusal: ReadFailure | undefined
  const measure = (value: object): number => {
    const known = sizes.get(value)
    if (known !== undefined) return known
    if (open.has(value)) return refuse('blueprint.cyclic_alias', {})
    if (path.length > limits.depth * 4) return refuse('blueprint.too_deep', { limit: limits.depth * 4 })
    open.add(value)
    const size = Array.isArray(value) ? measureList(value) : measureObject(value as Record<string, unknown>)
    open.delete(value)
    sizes.set(value, size)
    return size > limits.values ? refuse('blueprint.too_large', { what: 'the document', limit: `${limits.values} values` }) : size
  }
  const measureList = (list: readonly unknown[]): number => {
    let size = 1
    for (let index = 0; index < list.length && refusal === undefined; index += 1) size += measureAt(list[index], index)
    return size
  }
  const measureObject = (record: Record<string, unknown>): number => {
    let size = 1
    for (const key in record) {
      if (refusal !== undefined) return size
      if (key === '__proto__') return refuse('blueprint.unsafe_key', { key })
      size += measureAt(record[key], key)
    }
    return size
  }
  const measureAt = (value: unknown, part: string | number): number => {
    if (typeof value !== 'object' || value === null) return 1
    path.push(part)
    const size = measure(value)
    path.pop()
    return size
  }
  const refuse = (code: ProblemCode, details: Readonly<Record<string, Json>>): number => {
    refusal ??= failure(code, details, [...path])
    return 0
  }
  measure(root)
  return refusal
}
