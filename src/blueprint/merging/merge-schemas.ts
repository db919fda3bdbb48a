// A derived type's properties over its parent's: the child's replace the parent's, defaults of one data type are joined.
import { isJsonObject } from '../../kernel/json.ts'
import type { DataTypeSource } from '../elements/data-type.ts'
import { primitiveTypes } from '../elements/primitive-types.ts'
import { type PropertySchema, type Schema, schemaOf } from '../elements/property-schema.ts'
import type { Reporter } from '../reporter.ts'
import { completeValue } from './complete-value.ts'

/** The child's properties come first, as they do in the plan. */
export function mergeSchemas(parent: Schema, child: Schema, types: DataTypeSource, reporter: Reporter): Schema {
  if (child.properties.size === 0) return parent
  if (parent.properties.size === 0) return child
  const merged = new Map<string, PropertySchema>()
  for (const [name, property] of child.properties) {
    merged.set(name, overParent(parent.properties.get(name), property, types, reporter))
  }
  for (const [name, property] of parent.properties) {
    if (!merged.has(name)) merged.set(name, property)
  }
  return schemaOf(merged)
}

function overParent(
  parent: PropertySchema | undefined,
  child: PropertySchema,
  types: DataTypeSource,
  reporter: Reporter,
): PropertySchema {
  const { type } = child
  if (type === undefined || type !== parent?.type || primitiveTypes.has(type)) return child
  if (parent.default === undefined || !isJsonObject(parent.default)) return child
  const rules = {
    types,
    owner: `default of type '${type}'`,
    typeName: type,
    requiresAll: false,
    reporter,
    placeOf: () => ({ source: undefined, path: [] }),
  }
  // What is wrong in the child's own default was reported when it was read.
  const before = reporter.count
  const joined = completeValue(child.writtenDefault ?? {}, type, parent.default, rules, [])
  return reporter.count === before && isJsonObject(joined) ? { ...child, default: joined } : child
}
