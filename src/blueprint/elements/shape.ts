// What a part of a blueprint must look like, as data, and the one function that compares.
import type { Json } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { didYouMean } from '../../kernel/near.ts'
import type { Place, Reporter } from '../reporter.ts'
import { rawScalar } from '../source/locate.ts'
import { keysWrittenOtherwise } from '../source/read-yaml.ts'
import type { PathPart } from '../source/source-file.ts'
import { type Minor, versionName } from '../version.ts'

export type Shape =
  | { readonly is: 'text' | 'integer' | 'number' | 'flag' | 'dict' | 'any' }
  | { readonly is: 'list'; readonly of?: Shape; readonly notEmpty?: boolean }
  | { readonly is: 'map'; readonly of: Shape }
  | { readonly is: 'record'; readonly fields: Readonly<Record<string, Field>> }
  | { readonly is: 'oneOf'; readonly shapes: readonly Shape[] }

export interface Field {
  readonly shape: Shape
  readonly required?: boolean
  /** Minor version that brought it. */
  readonly since?: Minor
}

export const text: Shape = { is: 'text' }
export const integer: Shape = { is: 'integer' }
export const number: Shape = { is: 'number' }
export const flag: Shape = { is: 'flag' }
export const dict: Shape = { is: 'dict' }
export const anything: Shape = { is: 'any' }

export function listOf(of: Shape, options: { readonly notEmpty?: boolean } = {}): Shape {
  return { is: 'list', of, ...options }
}

export function mapOf(of: Shape): Shape {
  return { is: 'map', of }
}

export function oneOf(...shapes: readonly Shape[]): Shape {
  return { is: 'oneOf', shapes }
}

/** A dict with these keys and no others. A shape alone stands for an optional field. */
export function record(fields: Readonly<Record<string, Shape | Field>>): Shape {
  const entries = Object.entries(fields).map(([key, field]): [string, Field] => [
    key,
    'shape' in field ? field : { shape: field },
  ])
  return { is: 'record', fields: Object.assign(Object.create(null), Object.fromEntries(entries)) }
}

interface ShapeCheck {
  readonly reporter: Reporter
  readonly minor: Minor
  /** Off: features of newer versions are welcome in every version. */
  readonly checksVersion: boolean
  /** Makes the place of something below the value that is checked. */
  placeOf(path: readonly PathPart[]): Place
}

/** Reports everything by which `value` differs from `shape`. True when nothing does. Null counts as absent. */
export function checkShape(value: Json, shape: Shape, check: ShapeCheck, name: string): boolean {
  const before = check.reporter.count
  compare(value, shape, check, [], name)
  return check.reporter.count === before
}

function compare(value: Json, shape: Shape, check: ShapeCheck, path: PathPart[], name: string): void {
  if (value === null || value === undefined) return
  if (!fits(value, shape, check, path)) {
    reportShape(value, shape, check, path, name)
    return
  }
  if (shape.is === 'list') compareList(value as readonly Json[], shape, check, path, name)
  else if (shape.is === 'map') compareMap(value as Record<string, Json>, shape.of, check, path)
  else if (shape.is === 'record') compareRecord(value as Record<string, Json>, shape.fields, check, path, name)
  else if (shape.is === 'oneOf') {
    const fitting = shape.shapes.find((candidate) => fits(value, candidate, check, path))
    if (fitting !== undefined) compare(value, fitting, check, path, name)
  }
}

function reportShape(value: Json, shape: Shape, check: ShapeCheck, path: readonly PathPart[], name: string): void {
  check.reporter.add('blueprint.wrong_shape', check.placeOf([...path]), {
    key: name,
    expected: expectation(shape),
    found: describeValue(value),
  })
}

function compareList(
  value: readonly Json[],
  shape: Extract<Shape, { is: 'list' }>,
  check: ShapeCheck,
  path: PathPart[],
  name: string,
): void {
  if (shape.notEmpty === true && value.length === 0) {
    check.reporter.add('blueprint.empty_list', check.placeOf([...path]), { key: name })
  }
  const { of } = shape
  if (of === undefined) return
  value.forEach((item, index) => {
    path.push(index)
    const place = `${name}[${index}]`
    // An absent field is no field; an absent item is a mistake.
    if (item === null && of.is !== 'any') reportShape(item, of, check, path, place)
    else compare(item, of, check, path, place)
    path.pop()
  })
}

function compareMap(value: Record<string, Json>, of: Shape, check: ShapeCheck, path: PathPart[]): void {
  checkKeys(value, check, path)
  for (const key of Object.keys(value)) {
    path.push(key)
    compare(value[key] as Json, of, check, path, key)
    path.pop()
  }
}

function compareRecord(
  value: Record<string, Json>,
  fields: Readonly<Record<string, Field>>,
  check: ShapeCheck,
  path: PathPart[],
  name: string,
): void {
  for (const key of Object.keys(value)) {
    const field = fields[key]
    const item = value[key] as Json
    path.push(key)
    if (field === undefined) unknownKey(key, fields, check, path)
    else {
      if (item !== null) checkVersion(key, field, check, path)
      compare(item, field.shape, check, path, key)
    }
    path.pop()
  }
  for (const key in fields) {
    if (fields[key]?.required !== true || (value[key] ?? null) !== null) continue
    check.reporter.add('blueprint.missing_key', { ...check.placeOf([...path]), aim: 'key' }, { owner: name, key })
  }
}

function checkKeys(value: object, check: ShapeCheck, path: PathPart[]): void {
  for (const key of keysWrittenOtherwise(value)) {
    check.reporter.add('blueprint.key_not_text', { ...check.placeOf([...path, key]), aim: 'key' }, { key })
  }
}

function unknownKey(key: string, fields: Readonly<Record<string, Field>>, check: ShapeCheck, path: PathPart[]): void {
  const known = Object.keys(fields)
  const near = didYouMean(key, known)
  const allowed = known.join(', ') + (near === undefined ? '' : `; ${near}`)
  check.reporter.add('blueprint.unknown_key', { ...check.placeOf([...path]), aim: 'key' }, { key, allowed })
}

function checkVersion(key: string, field: Field, check: ShapeCheck, path: PathPart[]): void {
  if (!check.checksVersion || field.since === undefined || field.since <= check.minor) return
  check.reporter.add(
    'blueprint.version_too_low',
    { ...check.placeOf([...path]), aim: 'key' },
    { feature: key, needed: versionName(field.since), version: versionName(check.minor) },
  )
}

function fits(value: Json, shape: Shape, check: ShapeCheck, path: readonly PathPart[]): boolean {
  switch (shape.is) {
    case 'any':
      return true
    case 'text':
      return typeof value === 'string'
    case 'flag':
      return typeof value === 'boolean'
    case 'number':
      return typeof value === 'number'
    case 'integer':
      return Number.isInteger(value) && !isWrittenAsFloat(check.placeOf([...path]))
    case 'list':
      return Array.isArray(value)
    case 'dict':
    case 'map':
    case 'record':
      return isJsonObject(value)
    case 'oneOf':
      return shape.shapes.some((candidate) => fits(value, candidate, check, path))
    default:
      return shape satisfies never
  }
}

/** `5.0` is no integer, though it is the same number. Only the text can tell. */
export function isWrittenAsFloat(place: Place): boolean {
  if (place.source?.hasWholeFloats !== true) return false
  return /^[-+]?[\d_]*\.[\d_]*([eE][-+]?\d+)?$/.test(rawScalar(place.source, place.path) ?? '')
}

function expectation(shape: Shape): string {
  switch (shape.is) {
    case 'text':
      return 'text'
    case 'flag':
      return 'true or false'
    case 'number':
      return 'a number'
    case 'integer':
      return 'a whole number'
    case 'list':
      return 'a list'
    case 'any':
      return 'a value'
    case 'oneOf':
      return [...new Set(shape.shapes.map(expectation))].join(' or ')
    default:
      return 'a dict'
  }
}

/** A value in a few words: `the text 'x'`, `a list`. */
export function describeValue(value: Json): string {
  if (value === null) return 'empty'
  if (typeof value === 'string') return `the text '${shorten(value)}'`
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? 'a list' : 'a dict'
}

function shorten(value: string): string {
  const line = value.replaceAll('\n', '\\n')
  return line.length > 60 ? `${line.slice(0, 57)}...` : line
}
