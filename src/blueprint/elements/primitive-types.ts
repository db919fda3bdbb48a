// The types that the language has of itself, and which values they take.
import type { Json } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { isPattern } from './pattern.ts'

/** Types whose values name something in the system; any value passes here. */
export const objectTypes: ReadonlySet<string> = new Set([
  'blueprint_id',
  'deployment_id',
  'capability_value',
  'scaling_group',
  'node_id',
  'node_type',
  'node_instance',
  'secret_key',
  'operation_name',
])

export const primitiveTypes: ReadonlySet<string> = new Set([
  'string',
  'textarea',
  'integer',
  'float',
  'boolean',
  'list',
  'dict',
  'regex',
  ...objectTypes,
])

/** True when a value may stand where the primitive type is wanted. Nothing is converted. */
export function fitsPrimitive(value: Json, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'float':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'list':
      return Array.isArray(value)
    case 'dict':
      return isJsonObject(value)
    case 'regex':
      return typeof value === 'string' && isPattern(value)
    default:
      return true
  }
}

const expectations: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  float: 'a number',
  boolean: 'true or false',
  list: 'a list',
  dict: 'a dict',
  regex: 'a regular expression',
}

export function expectedOf(type: string): string {
  return expectations[type] ?? `a value of type ${type}`
}
