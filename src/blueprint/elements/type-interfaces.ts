// Interfaces of types, with those of the parent type below them: a derived operation replaces the parent's as a whole.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { Element } from '../document.ts'
import type { Build } from './build.ts'
import type { DataTypes } from './data-type.ts'
import { readTypeOperation, type TypeOperation } from './operation.ts'

/** Interface name -> operation name -> operation. */
export type TypeInterfaces = ReadonlyMap<string, ReadonlyMap<string, TypeOperation>>

export const noInterfaces: TypeInterfaces = new Map()

export function readTypeInterfaces(
  value: JsonObject,
  section: string,
  element: Element,
  parent: TypeInterfaces,
  types: DataTypes,
  build: Build,
): TypeInterfaces {
  const names = Object.keys(value)
  if (names.length === 0) return parent
  const result = new Map<string, ReadonlyMap<string, TypeOperation>>()
  for (const name of names) {
    const operations = new Map<string, TypeOperation>()
    const written = value[name]
    for (const [operation, content] of Object.entries(isJsonObject(written) ? written : {})) {
      const path = [section, name, operation]
      operations.set(operation, readTypeOperation(content as Json, element, path, types, build))
    }
    for (const [operation, inherited] of parent.get(name) ?? []) {
      if (!operations.has(operation)) operations.set(operation, inherited)
    }
    result.set(name, operations)
  }
  for (const [name, operations] of parent) {
    if (!result.has(name)) result.set(name, operations)
  }
  return result
}
