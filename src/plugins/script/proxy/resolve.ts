// Follows the words of a `ctx` command through the context tree, by Cloudify's rules.
import { fault, type Fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Call, Entry, Mapping, Scope } from './entry.ts'
import { readPath, writePath } from './property-path.ts'

/** @throws Fault `script.bad_input` for words that lead nowhere, and whatever the called command throws. */
export async function resolve(root: Entry, words: readonly Json[]): Promise<Json> {
  let current = root
  for (const [position, word] of words.entries()) {
    if (current.kind === 'mapping') return access(current, words.slice(position))
    if (current.kind === 'call') return invoke(current, words.slice(position))
    if (current.kind === 'leaf') return readLeaf(current.value, words.slice(position))
    current = memberOf(current, word, words.slice(0, position))
  }
  return valueOf(current, words)
}

async function valueOf(entry: Entry, words: readonly Json[]): Promise<Json> {
  if (entry.kind === 'leaf') return entry.value
  if (entry.kind === 'mapping') return entry.values
  if (entry.kind === 'call') return invoke(entry, [])
  throw bad(`'${spoken(words)}' is not a value; go on with one of ${Object.keys(entry.members).join(', ')}`)
}

function memberOf(current: Scope, word: Json, before: readonly Json[]): Entry {
  const name = String(word).replaceAll('-', '_')
  const member = Object.hasOwn(current.members, name) ? current.members[name] : undefined
  if (!member) {
    throw bad(`'${spoken(before)}' has no '${String(word)}'; it has ${Object.keys(current.members).join(', ')}`)
  }
  return member()
}

function access(mapping: Mapping, words: readonly Json[]): Json {
  const [path, value] = words
  if (words.length > 2) throw bad('illegal argument while accessing a dictionary: give a path and at most one value')
  if (words.length === 1) return readPath(mapping.values, String(path))
  if (!mapping.target) throw bad('these properties are read only')
  writePath(mapping.target, String(path), value ?? null)
  return null
}

function readLeaf(value: Json, words: readonly Json[]): Json {
  if (!isJsonObject(value) || words.length > 1) throw bad(`'${spoken(words)}' leads into a plain value`)
  return readPath(value, String(words[0]))
}

async function invoke(entry: Call, words: readonly Json[]): Promise<Json> {
  const last = words.at(-1)
  const named = isJsonObject(last) && isKeywords(entry, last, words.length - 1) ? last : undefined
  const positional = named ? words.slice(0, -1) : words
  if (positional.length > entry.parameters.length) {
    throw bad(`too many arguments; expected at most ${entry.parameters.length}: ${entry.parameters.join(', ')}`)
  }
  return entry.run(entry.parameters.map((name, position) => positional[position] ?? named?.[name]))
}

// An object that is no set of keywords is a value like any other: `ctx returns @'{"a": 1}'`.
function isKeywords(entry: Call, last: object, positionals: number): boolean {
  const free = entry.parameters.slice(positionals)
  const keys = Object.keys(last)
  return keys.length > 0 && keys.every((key) => free.includes(key))
}

const spoken = (words: readonly Json[]): string => ['ctx', ...words.map(String)].join(' ')

function bad(message: string): Fault {
  return fault('script.bad_input', { details: { message } })
}
