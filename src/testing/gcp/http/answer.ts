// What the fake of Compute Engine answers, how it words a refusal, and one call as its services see it.
import type { Json, JsonObject } from '../../../kernel/json.ts'

export interface Answer {
  readonly status: number
  readonly body?: Json | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export interface Call {
  readonly method: string
  /** Below the project. */
  readonly path: string
  /** What stands in the place of `:name` in the route. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: JsonObject
  readonly version: 'v1' | 'beta'
}

export type Handler = (call: Call) => Answer | Promise<Answer>

/** Thrown by what cannot do what it is asked. `reason`: as the API names it, `notFound`. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, reason: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.reason = reason
    this.headers = headers
  }
}

export const invalid = (message: string): Refusal => new Refusal(400, 'invalid', message)
export const notFound = (what: string): Refusal => new Refusal(404, 'notFound', `The resource '${what}' was not found`)
export const exists = (what: string): Refusal =>
  new Refusal(409, 'alreadyExists', `The resource '${what}' already exists`)
export const notReady = (what: string): Refusal =>
  new Refusal(400, 'resourceNotReady', `The resource '${what}' is not ready`)
export const inUse = (what: string, by: string): Refusal =>
  new Refusal(400, 'resourceInUseByAnotherResource', `The ${what} resource is already being used by '${by}'`)

export function refusalBody({ status, reason, message }: Refusal): JsonObject {
  return { error: { code: status, message, errors: [{ message, domain: 'global', reason }] } }
}

export function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function object(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

export function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).map(object) : []
}

/** Of an address: its last part. */
export function last(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1)
}
