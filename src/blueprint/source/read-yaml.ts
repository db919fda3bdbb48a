// YAML 1.1 text to JSON, as PyYAML reads it. Bounded: depth, size after aliases are expanded, and keys that could harm.
import {
  boolYaml11Tag,
  load,
  mapTag,
  defineMappingTag,
  defineScalarTag,
  floatYaml11Tag,
  NOT_RESOLVED,
  timestampTag,
  YAML11_SCHEMA,
  YAMLException,
} from 'js-yaml'
import type { Schema } from 'js-yaml'
import type { JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { Details, ProblemCode } from '../problem-table.ts'
import { indentFlow } from './flow-indent.ts'
import { findHarm } from './harm.ts'
import { limits } from './limits.ts'
import type { Path, SourceFile } from './source-file.ts'

export interface ReadFailure {
  readonly code: ProblemCode
  readonly details: Details
  readonly path: Path
  /** The file, so that the problem has something to point into. */
  readonly source: SourceFile
  /** Where the text itself broke; counts from 0. */
  readonly offset?: number
}

/** Without an alias nothing repeats or contains itself; without the name or an escape no key can spell `__proto__`. */
const suspicious = /\*|__proto__|\\/

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

const keysNotText = new WeakMap<object, string[]>()

/** The keys of a dict that were written as numbers, `yes`, or empty: as text they may not be what was meant. */
export function keysWrittenOtherwise(value: object): readonly string[] {
  return keysNotText.get(value) ?? []
}

const { create, has, keys, get, identify, represent } = mapTag
const dicts = defineMappingTag('tag:yaml.org,2002:map', {
  create,
  has,
  keys,
  get,
  identify,
  represent,
  addPair: (carrier: Record<string, unknown>, key, value) => {
    if (typeof key !== 'string') keysNotText.set(carrier, [...(keysNotText.get(carrier) ?? []), String(key)])
    return mapTag.addPair(carrier, key, value)
  },
})

const schema: Schema = YAML11_SCHEMA.withTags(dicts, flags, floats, dates)

/** Reads one file. An empty text is an empty object. */
export function readYaml(name: string, text: string, isBundled = false): SourceFile | ReadFailure {
  if (text.length > limits.textLength) {
    return {
      source: unreadable(name, ''),
      path: [],
      code: 'blueprint.too_large',
      details: { what: name, limit: '16 MiB' },
    }
  }
  const failure = (code: ProblemCode, details: Details, path: Path = []): ReadFailure => ({
    source: unreadable(name, text),
    code,
    details,
    path,
  })
  wholeFloatSeen = false
  let value: unknown
  let readable = text
  try {
    value = read(text)
  } catch (thrown) {
    const repaired = repair(thrown, text)
    if (repaired === undefined) return syntaxFailure(thrown, unreadable(name, text))
    value = repaired.value
    readable = repaired.text
  }
  const root = value ?? {}
  const hasWholeFloats = wholeFloatSeen
  if (!isJsonObject(root))
    return failure('blueprint.wrong_shape', { key: name, expected: 'a dict', found: 'something else' })
  const harm = isBundled || !suspicious.test(text) ? undefined : findHarm(root)
  if (harm !== undefined) return failure(harm.code, harm.details, harm.path)
  return { name, text, readable, value: root as JsonObject, hasWholeFloats, isBundled }
}

/** A file that could not be read, so that problems have something to point into. */
export function unreadable(name: string, text: string): SourceFile {
  return { name, text, readable: text, value: {}, hasWholeFloats: false, isBundled: false }
}

export function isReadFailure(result: SourceFile | ReadFailure): result is ReadFailure {
  return 'code' in result
}

function read(text: string): unknown {
  return load(text, { schema, json: true, maxDepth: limits.depth })
}

function repair(thrown: unknown, text: string): { readonly value: unknown; readonly text: string } | undefined {
  if (!(thrown instanceof YAMLException) || !thrown.reason.includes('deficient indentation')) return undefined
  const indented = indentFlow(text)
  try {
    return { value: read(indented), text: indented }
  } catch {
    return undefined
  }
}

function syntaxFailure(thrown: unknown, source: SourceFile): SourceFile | ReadFailure {
  const failure: ReadFailure = { source, path: [], code: 'blueprint.yaml', details: { reason: 'it cannot be read' } }
  if (!(thrown instanceof YAMLException)) return failure
  if (thrown.reason.includes('input is empty')) {
    return source
  }
  const offset = thrown.mark?.position ?? 0
  const code = /depth/i.test(thrown.reason) ? 'blueprint.too_deep' : 'blueprint.yaml'
  return { ...failure, code, details: { reason: inPlainWords(thrown.reason), limit: limits.depth }, offset }
}

/** What YAML readers say in words of their trade. */
const plainWords: Readonly<Record<string, string>> = {
  'deficient indentation':
    "a quote, '[' or '{' is still open before this place, or this line has to stand further right",
  'bad indentation of a mapping entry':
    "this fits nothing above it: entries of one dict stand in line, and a text with ': ' or a sign in front needs quotes",
  'bad indentation of a sequence entry': 'this fits nothing above it: entries of one list stand in line',
  'tab characters must not be used in indentation': 'a line begins with a tab; only spaces can set lines in',
}

function inPlainWords(reason: string): string {
  return Object.hasOwn(plainWords, reason) ? (plainWords[reason] ?? reason) : reason
}
