// Checks and readings that several functions share.
import type { Json } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { describeValue } from '../elements/shape.ts'
import { failed } from './function.ts'
import { isCall } from './call.ts'

/** Text, whole number or function: what a path may consist of. */
export function isPathPart(value: Json): boolean {
  return typeof value === 'string' || Number.isInteger(value) || isCall(value)
}

/** The reason why `args` is no list of at least `least` path parts. */
export function checkPath(args: Json, least: number): string | undefined {
  if (!Array.isArray(args)) return `it needs a list, this is ${describeValue(args)}`
  if (args.length < least) return `it needs at least ${least} entries, this has ${args.length}`
  const bad = (args as readonly Json[]).find((part) => !isPathPart(part))
  return bad === undefined ? undefined : `${describeValue(bad)} is neither text, a whole number nor a function`
}

/** One name, or a list that begins with one. */
export function checkNameOrPath(args: Json): string | undefined {
  return typeof args === 'string' || isCall(args) ? undefined : checkPath(args, 1)
}

export interface PathMiss {
  readonly at: string
  readonly reason: string
}

/** Follows `path` into `value`. A miss says where and why. */
export function follow(value: Json | undefined, path: readonly Json[]): { readonly value: Json } | PathMiss {
  let current: Json | undefined = value
  for (const [index, part] of path.entries()) {
    const at = path.slice(0, index + 1).join('.')
    if (Array.isArray(current)) {
      if (!Number.isInteger(part))
        return { at, reason: `a list needs a whole number to choose by, not ${describeValue(part)}` }
      const position = (part as number) < 0 ? current.length + (part as number) : (part as number)
      if (position < 0 || position >= current.length)
        return { at, reason: `the list has only ${current.length} entries` }
      current = current[position] as Json
    } else if (isJsonObject(current)) {
      if (!Object.hasOwn(current, String(part))) return { at, reason: 'there is no such key' }
      current = current[String(part)]
    } else return { at, reason: `${describeValue(current ?? null)} has no parts` }
  }
  return { value: current ?? null }
}

export function isMiss(result: { readonly value: Json } | PathMiss): result is PathMiss {
  return 'reason' in result
}

export function mustBeText(functionName: string, value: Json): string {
  if (typeof value !== 'string') throw failed(functionName, `it works on text, not on ${describeValue(value)}`)
  return value
}

export function asList(args: Json): readonly Json[] {
  return Array.isArray(args) ? args : [args]
}

export function dotted(path: readonly Json[]): string {
  return path.map((part) => (typeof part === 'object' ? JSON.stringify(part) : String(part))).join('.')
}
