// What the words of a `ctx` command can stand for. The context tree is built of these; resolve.ts walks it.
import type { Json, JsonObject } from '../../../kernel/json.ts'

/** A thing with named parts. Parts are made when asked for, because some exist only for some operations. */
export interface Scope {
  readonly kind: 'scope'
  readonly members: Readonly<Record<string, () => Entry>>
}

/** A dictionary reached by dotted paths. `target` is there when it may be written to. */
export interface Mapping {
  readonly kind: 'mapping'
  readonly values: JsonObject
  readonly target?: Record<string, Json>
}

/** Something to call. A trailing JSON object whose keys are all parameter names gives keyword arguments. */
export interface Call {
  readonly kind: 'call'
  readonly parameters: readonly string[]
  /** Gets the arguments in the order of `parameters`; what was not given is undefined. */
  run(args: readonly (Json | undefined)[]): Promise<Json> | Json
}

export interface Leaf {
  readonly kind: 'leaf'
  readonly value: Json
}

export type Entry = Scope | Mapping | Call | Leaf

export const scope = (members: Scope['members']): Scope => ({ kind: 'scope', members })
export const leaf = (value: Json): Leaf => ({ kind: 'leaf', value })
export const readOnly = (values: JsonObject): Mapping => ({ kind: 'mapping', values })
export const writable = (target: Record<string, Json>): Mapping => ({ kind: 'mapping', values: target, target })
export const call = (parameters: readonly string[], run: Call['run']): Call => ({ kind: 'call', parameters, run })
