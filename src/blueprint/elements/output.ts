// outputs and capabilities: named values that a deployment shows.
import type { Json } from '../../kernel/json.ts'
import type { PlannedValue } from '../plan.ts'
import { type Build, fieldOf, textAt, wellFormed } from './build.ts'
import { anything, record, text } from './shape.ts'

export const shape = record({ description: text, value: { shape: anything, required: true } })

export function readValues(section: 'outputs' | 'capabilities', build: Build): Record<string, PlannedValue> {
  const result: Record<string, PlannedValue> = {}
  for (const element of wellFormed(section, shape, build)) {
    const description = textAt(element.value, 'description')
    const value: Json = fieldOf(element.value, 'value') ?? null
    result[element.name] = description === undefined ? { value } : { description, value }
  }
  return result
}
