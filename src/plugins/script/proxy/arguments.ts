// Reads the arguments of `ctx` commands: texts, numbers that may come as text, dictionaries, lists of names.
import type { Duration } from '../../../kernel/duration.ts'
import { fault, type Fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'

type Argument = Json | undefined

/** A text; undefined when it was not given. Other values are written as JSON. */
export function optionalText(value: Argument): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export function requiredText(value: Argument, name: string): string {
  const text = optionalText(value)
  if (text === undefined || text === '') throw bad(`${name} is missing`)
  return text
}

/** Seconds, as a number or as its text: `ctx operation retry TEXT 5` sends the text. */
export function optionalSeconds(value: Argument): Duration | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const count = typeof value === 'boolean' ? NaN : Number(value)
  if (!Number.isFinite(count) || count < 0) throw bad(`'${optionalText(value)}' is not a number of seconds`)
  return count * 1000
}

export function dictionary(value: Argument, name: string): JsonObject {
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) throw bad(`${name} must be a JSON object`)
  return value
}

export function texts(value: Argument, name: string): readonly string[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw bad(`${name} must be a JSON list`)
  return value.map(String)
}

export function bad(message: string): Fault {
  return fault('script.bad_input', { details: { message } })
}
