// How many instances: of a node (capabilities.scalable, instances.deploy) and of a scaling group (policies).
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { type Element, placeIn } from '../document.ts'
import { isCall } from '../functions/call.ts'
import type { Path } from '../source/source-file.ts'
import type { Build } from './build.ts'
import { describeValue, integer, oneOf, record, text, dict } from './shape.ts'

const count = oneOf(integer, dict)
export const scalablePropertiesShape = record({
  default_instances: count,
  min_instances: count,
  max_instances: oneOf(integer, text, dict),
})

/** A number, or a function that gives one when a deployment is made. `max` -1: no limit. */
export interface Scale {
  readonly default: Json
  readonly min: Json
  readonly max: Json
}

export const single: Scale = { default: 1, min: 0, max: -1 }

export function readScale(properties: JsonObject, element: Element, path: Path, build: Build): Scale {
  const read = (key: string, fallback: number, least: number): Json => {
    const value = Object.hasOwn(properties, key) ? (properties[key] ?? null) : null
    return value === null ? fallback : checkCount(key, value, least, element, [...path, key], build)
  }
  const before = build.reporter.count
  const scale = {
    default: read('default_instances', 1, 0),
    min: read('min_instances', 0, 0),
    max: read('max_instances', -1, 1),
  }
  if (build.reporter.count === before) checkOrder(scale, element, path, build)
  return scale
}

function checkCount(key: string, value: Json, least: number, element: Element, path: Path, build: Build): Json {
  const { reporter } = build
  const place = placeIn(element, ...path)
  if (isJsonObject(value)) {
    if (!isCall(value)) reporter.add('blueprint.count_is_dict', place, { key })
    return value
  }
  if (key === 'max_instances' && value === 'UNBOUNDED') return -1
  if (typeof value !== 'number') {
    const only = key === 'max_instances' ? 'the only text it takes is UNBOUNDED' : 'it takes a whole number'
    reporter.add('blueprint.bad_count', place, { key, reason: `${only}, not ${describeValue(value)}` })
    return value
  }
  if (value < least && !(key === 'max_instances' && value === -1))
    reporter.add('blueprint.negative_count', place, { key, value })
  return value
}

function checkOrder(scale: Scale, element: Element, path: Path, build: Build): void {
  const { default: chosen, min, max } = scale
  if (typeof chosen !== 'number' || typeof min !== 'number' || typeof max !== 'number') return
  const refuse = (key: string, reason: string): void => {
    build.reporter.add('blueprint.count_order', placeIn(element, ...path, key), { key, reason })
  }
  if (max !== -1 && max < min) refuse('max_instances', `${max} is less than min_instances (${min})`)
  else if (chosen < min) refuse('default_instances', `${chosen} is less than min_instances (${min})`)
  else if (max !== -1 && chosen > max) refuse('default_instances', `${chosen} is more than max_instances (${max})`)
}
