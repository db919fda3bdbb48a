// Constraints on the values of inputs.
import type { Json } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { didYouMean } from '../../kernel/near.ts'
import { isCall } from '../functions/call.ts'
import type { Place } from '../reporter.ts'
import type { Path } from '../source/source-file.ts'
import type { Build } from './build.ts'
import { isPattern, matchesPattern } from './pattern.ts'
import { describeValue } from './shape.ts'

interface Constraint {
  /** What it takes as its argument, in words. */
  readonly takes: string
  isArgument(argument: Json): boolean
  holds(value: Json, argument: Json): boolean
}

const number = { takes: 'a number', isArgument: (argument: Json) => typeof argument === 'number' }
const anyText = { takes: 'text', isArgument: (argument: Json) => typeof argument === 'string', holds: () => true }
const anyList = { takes: 'a list', isArgument: (argument: Json) => Array.isArray(argument), holds: () => true }
const compare = (test: (value: number, argument: number) => boolean): Constraint => ({
  ...number,
  holds: (value, argument) => typeof value === 'number' && test(value, argument as number),
})
const measure = (test: (length: number, argument: number) => boolean): Constraint => ({
  ...number,
  holds: (value, argument) => {
    const length = lengthOf(value)
    return length !== undefined && test(length, argument as number)
  },
})

const constraints: Readonly<Record<string, Constraint>> = Object.assign(Object.create(null), {
  equal: compare((value, argument) => value === argument),
  greater_than: compare((value, argument) => value > argument),
  greater_or_equal: compare((value, argument) => value >= argument),
  less_than: compare((value, argument) => value < argument),
  less_or_equal: compare((value, argument) => value <= argument),
  in_range: {
    takes: 'a list of two numbers',
    isArgument: (argument: Json) =>
      Array.isArray(argument) && argument.length === 2 && argument.every((end) => typeof end === 'number'),
    holds: (value: Json, [low, high]: readonly [number, number]) =>
      typeof value === 'number' && low <= value && value <= high,
  },
  length: measure((length, argument) => length === argument),
  min_length: measure((length, argument) => length >= argument),
  max_length: measure((length, argument) => length <= argument),
  valid_values: {
    takes: 'a list',
    isArgument: (argument: Json) => Array.isArray(argument),
    holds: (value: Json, argument: readonly Json[]) =>
      argument.some((item) => JSON.stringify(item) === JSON.stringify(value)),
  },
  pattern: {
    takes: 'a regular expression',
    isArgument: (argument: Json) => typeof argument === 'string' && isPattern(argument),
    holds: (value: Json, argument: string) => typeof value === 'string' && matchesPattern(value, argument),
  },
  filter_id: anyText,
  deployment_id: anyText,
  blueprint_id: anyText,
  labels: anyList,
  tenants: anyList,
  name_pattern: {
    takes: 'a dict of contains, starts_with, ends_with or equals_to',
    isArgument: (argument: Json) => isJsonObject(argument),
    holds: (value: Json, argument: Readonly<Record<string, Json>>) =>
      typeof value === 'string' && namePatternHolds(value, argument),
  },
})

export const constraintNames: readonly string[] = Object.keys(constraints)

const namePatterns: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  contains: (value, wanted) => value.includes(wanted),
  starts_with: (value, wanted) => value.startsWith(wanted),
  ends_with: (value, wanted) => value.endsWith(wanted),
  equals_to: (value, wanted) => value === wanted,
}

function namePatternHolds(value: string, argument: Readonly<Record<string, Json>>): boolean {
  return Object.entries(argument).every(([kind, wanted]) => {
    const test = Object.hasOwn(namePatterns, kind) ? namePatterns[kind] : undefined
    return test === undefined || typeof wanted !== 'string' || test(value, wanted)
  })
}

function lengthOf(value: Json): number | undefined {
  if (typeof value === 'string') return [...value].length
  if (Array.isArray(value)) return value.length
  return isJsonObject(value) ? Object.keys(value).length : undefined
}

/** Reports constraints that do not exist or are given a wrong argument. */
export function checkConstraints(value: Json, input: string, placeOf: (path: Path) => Place, build: Build): void {
  if (!Array.isArray(value)) return
  for (const [index, item] of (value as readonly Json[]).entries()) {
    if (!isJsonObject(item)) continue
    const names = operators(item)
    if (names.length !== 1)
      build.reporter.add('blueprint.constraint_form', placeOf([index]), { input, count: names.length })
    for (const name of names) {
      const constraint = constraints[name]
      const argument = item[name] as Json
      const details = { input, constraint: name }
      if (constraint === undefined) {
        const near = didYouMean(name, Object.keys(constraints)) ?? `there are ${Object.keys(constraints).join(', ')}`
        build.reporter.add(
          'blueprint.unknown_constraint',
          { ...placeOf([index, name]), aim: 'key' },
          { ...details, near },
        )
      } else if (isCall(argument) || !constraint.isArgument(argument)) {
        const found = describeValue(argument)
        build.reporter.add('blueprint.constraint_argument', placeOf([index, name]), {
          ...details,
          found,
          expected: constraint.takes,
        })
      }
    }
  }
}

/** The first constraint that a value breaks, in words. */
export function violated(value: Json, list: readonly Json[]): string | undefined {
  for (const item of list) {
    if (!isJsonObject(item)) continue
    for (const name of operators(item)) {
      const constraint = constraints[name]
      const argument = item[name] as Json
      if (constraint === undefined || !constraint.isArgument(argument) || constraint.holds(value, argument)) continue
      const message = item['error_message']
      return typeof message === 'string' ? message : `${name} ${JSON.stringify(argument)}`
    }
  }
  return undefined
}

function operators(item: Readonly<Record<string, Json>>): string[] {
  return Object.keys(item).filter((name) => name !== 'error_message')
}
