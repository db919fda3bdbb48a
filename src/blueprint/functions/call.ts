// What counts as the call of an intrinsic function.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'

export const functionNames = [
  'concat',
  'get_attribute',
  'get_attributes_dict',
  'get_attributes_list',
  'get_capability',
  'get_consumers',
  'get_environment_capability',
  'get_group_capability',
  'get_input',
  'get_label',
  'get_property',
  'get_secret',
  'get_sys',
  'merge',
  'string_find',
  'string_lower',
  'string_replace',
  'string_split',
  'string_upper',
] as const
export type FunctionName = (typeof functionNames)[number]

const names: ReadonlySet<string> = new Set(functionNames)

export interface FunctionCall {
  readonly name: FunctionName
  readonly args: Json
  /** The wanted type, when the call names one. */
  readonly type: Json | undefined
}

/** Reads `{name: args}` and `{name: args, type: T}`; anything else is no call. */
export function readCall(value: Json | undefined): FunctionCall | undefined {
  if (!isJsonObject(value)) return undefined
  let name: string | undefined
  let count = 0
  for (const key in value) {
    count += 1
    if (count > 2) return undefined
    if (name === undefined && names.has(key)) name = key
  }
  if (name === undefined || (count === 2 && !Object.hasOwn(value, 'type'))) return undefined
  return { name: name as FunctionName, args: value[name] ?? null, type: count === 2 ? value['type'] : undefined }
}

export function isCall(value: Json | undefined): boolean {
  return readCall(value) !== undefined
}

const known = new WeakMap<object, boolean>()

/** True when a function stands anywhere in the value. */
export function holdsCall(value: Json | undefined): boolean {
  if (typeof value !== 'object' || value === null) return false
  // Most values are small records of plain ones, and none of the rest is asked for what a call itself tells.
  if (isCall(value)) return true
  const remembered = known.get(value)
  if (remembered !== undefined) return remembered
  let isNested = false
  let result = false
  for (const key in value) {
    if (result) break
    const item: Json | undefined = (value as JsonObject)[key]
    if (typeof item !== 'object' || item === null) continue
    isNested = true
    result = holdsCall(item)
  }
  // Flat values are looked through faster than they are looked up.
  if (isNested) known.set(value, result)
  return result
}
