// policy_types and policy_triggers: read and checked for old blueprints; nothing executes them.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { type Build, objectAt, textAt, wellFormed } from './build.ts'
import type { DataTypes } from './data-type.ts'
import { readSchema, type Schema, schemaShape } from './property-schema.ts'
import { record, text } from './shape.ts'

const source = { shape: text, required: true } as const
export const shapes = {
  policy_types: record({ properties: schemaShape, source }),
  policy_triggers: record({ parameters: schemaShape, source }),
} as const

export interface PolicyType {
  readonly source: string
  readonly schema: Schema
  readonly json: JsonObject
}

export function readPolicyTypes(
  section: 'policy_types' | 'policy_triggers',
  types: DataTypes,
  build: Build,
): Map<string, PolicyType> {
  const field = section === 'policy_types' ? 'properties' : 'parameters'
  const result = new Map<string, PolicyType>()
  for (const element of wellFormed(section, shapes[section], build)) {
    const schema = readSchema(objectAt(element.value, field), element, [field], types, build)
    const json: Record<string, Json> = { [field]: plainSchema(schema), source: textAt(element.value, 'source') ?? '' }
    result.set(element.name, { source: textAt(element.value, 'source') ?? '', schema, json })
  }
  return result
}

function plainSchema(schema: Schema): JsonObject {
  const result: Record<string, Json> = {}
  for (const [name, { writtenDefault: _written, ...property }] of schema.properties)
    result[name] = property as JsonObject
  return result
}
