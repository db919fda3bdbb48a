// One call of the fake as its services see it, and the little they read out of bodies and queries.
import { isJsonObject, type Json, type JsonObject } from '../../../../src/kernel/json.ts'
import { badRequest, type Service } from './answer.ts'
import type { Identity } from '../model/tokens.ts'

export interface Call {
  readonly service: Service
  readonly method: string
  readonly path: string
  /** What stands in the place of `:name` in the route. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
  readonly body: JsonObject
  /** Of `2.45`: 45. */
  readonly minor: number
  readonly requestId: string
  readonly who: Identity
  /** Of the services, for links: `http://127.0.0.1:1234`. */
  readonly origin: string
}

export function param(call: Call, name: string): string {
  return call.params[name] ?? ''
}

/** The object under `name` in a body: `{"server": {...}}`. */
export function part(body: JsonObject, name: string): JsonObject {
  const value = body[name]
  if (isJsonObject(value)) return value
  throw badRequest(`Invalid input for field/attribute ${name}. '${name}' is a required property`)
}

export function textOr<Else>(value: Json | undefined, otherwise: Else): string | Else {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? value : otherwise
}

export function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : []
}

export function texts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((item) => typeof item === 'string') : []
}

/** Metadata: texts by name, none longer than 255. */
export function metadata(value: Json | undefined): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, item] of Object.entries(isJsonObject(value) ? value : {})) {
    if (typeof item !== 'string')
      throw badRequest(`Invalid input for field/attribute ${name}. ${String(item)} is not of type 'string'`)
    if (name.length > 255 || item.length > 255) throw badRequest(`Invalid input for field/attribute ${name}. too long`)
    found[name] = item
  }
  return found
}
