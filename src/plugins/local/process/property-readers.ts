// Reads single properties of a node and refuses what does not fit, in words the author of a blueprint understands.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'

/** @throws Fault `local.bad_property`, always */
export function badProperty(property: string, reason: string): never {
  throw fault('local.bad_property', { details: { property, reason } })
}

/** An empty text counts as absent. */
export function optionalText(properties: JsonObject, name: string): string | undefined {
  const value = properties[name]
  if (isAbsent(value)) return undefined
  return typeof value === 'string' ? plain(name, value) : badProperty(name, 'it must be a text')
}

export function textList(properties: JsonObject, name: string): string[] {
  const value = properties[name] ?? []
  if (!Array.isArray(value)) badProperty(name, 'it must be a list of texts')
  return (value as readonly Json[]).map((item) =>
    typeof item === 'string' || typeof item === 'number'
      ? plain(name, String(item))
      : badProperty(name, 'it must be a list of texts'),
  )
}

/** A list is a program and its arguments; a text is given to `/bin/sh -c`. */
export function commandProperty(properties: JsonObject, name: string): readonly string[] | null {
  const value = properties[name]
  if (isAbsent(value)) return null
  if (typeof value === 'string') return ['/bin/sh', '-c', plain(name, value)]
  const list = textList(properties, name)
  return list.length === 0 ? null : list
}

/** Seconds in the blueprint, a Duration here. */
export function secondsProperty(properties: JsonObject, name: string, fallback: number): Duration {
  const value = properties[name] ?? fallback
  const isFitting = typeof value === 'number' && value >= 0 && value <= 86_400
  return isFitting ? seconds(value) : badProperty(name, 'it must be a number of seconds, from 0 to 86400')
}

const isAbsent = (value: Json | undefined): boolean => value === undefined || value === null || value === ''

function plain(name: string, value: string): string {
  return value.includes('\0') ? badProperty(name, 'it holds a NUL character') : value
}
