// inputs: what a deployment is asked for, with types and constraints.
import type { Json } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { type Element, keyPlace, placeIn } from '../document.ts'
import { holdsCall, isCall } from '../functions/call.ts'
import { completeValue } from '../merging/complete-value.ts'
import type { ParameterSchema } from '../plan.ts'
import { type Build, fieldOf, textAt, wellFormed } from './build.ts'
import { checkConstraints, violated } from './constraint.ts'
import type { DataTypes } from './data-type.ts'
import { primitiveTypes } from './primitive-types.ts'
import { checkTypeName, propertyFields } from './property-schema.ts'
import { describeValue, integer, record } from './shape.ts'

export const shape = record({ ...propertyFields, display: record({ rows: integer }) })

export function readInputs(types: DataTypes, build: Build, checksDefaults: boolean): Record<string, ParameterSchema> {
  const inputs: Record<string, ParameterSchema> = {}
  for (const element of wellFormed('inputs', shape, build)) {
    inputs[element.name] = readInput(element, types, build, checksDefaults)
  }
  return inputs
}

function readInput(element: Element, types: DataTypes, build: Build, checksDefaults: boolean): ParameterSchema {
  const { value, name } = element
  if (!isJsonObject(value)) return {}
  const type = textAt(value, 'type')
  const knownType = type !== undefined && checkTypeName(type, element, ['type'], types, build) ? type : undefined
  checkItemType(element, type, build)
  checkDisplay(element, type, build)
  checkConstraints(
    fieldOf(value, 'constraints') ?? null,
    name,
    (path) => placeIn(element, 'constraints', ...path),
    build,
  )
  const given = value['default'] ?? null
  if (value['hidden'] === true && value['required'] !== false && !Object.hasOwn(value, 'default')) {
    build.reporter.add('blueprint.hidden_without_default', keyPlace(element), { input: name })
  }
  const completed = completeDefault(given, knownType, element, types, build)
  if (checksDefaults && given !== null) checkDefault(given, element, build)
  return (Object.hasOwn(value, 'default') ? { ...value, default: completed } : value) as ParameterSchema
}

function completeDefault(
  given: Json,
  type: string | undefined,
  element: Element,
  types: DataTypes,
  build: Build,
): Json {
  if (type === undefined || given === null) return given
  return completeValue(
    given,
    type,
    undefined,
    {
      types,
      owner: `input '${element.name}'`,
      typeName: type,
      // A default must be a whole value; only one that is absent may leave parts to whoever makes the deployment.
      requiresAll: true,
      reporter: build.reporter,
      placeOf: (path) => placeIn(element, 'default', ...path.slice(1)),
    },
    ['default'],
  )
}

function checkDefault(given: Json, element: Element, build: Build): void {
  const { name, value } = element
  const constraints = fieldOf(value, 'constraints')
  const place = placeIn(element, 'default')
  if (!Array.isArray(constraints) || constraints.length === 0) return
  if (holdsCall(given)) {
    if (isCall(given)) build.reporter.add('blueprint.constraint_on_function', place, { input: name })
    return
  }
  const items = textAt(value, 'item_type') !== undefined && Array.isArray(given) ? (given as readonly Json[]) : [given]
  for (const item of items) {
    const constraint = violated(item, constraints as readonly Json[])
    if (constraint === undefined) continue
    build.reporter.add('blueprint.constraint_violated', place, { input: name, found: describeValue(item), constraint })
  }
}

function checkItemType(element: Element, type: string | undefined, build: Build): void {
  const itemType = textAt(element.value, 'item_type')
  if (itemType === undefined) return
  const place = placeIn(element, 'item_type')
  if (type !== 'list') build.reporter.add('blueprint.item_type_without_list', place, { type: type ?? 'without a type' })
  else if (!primitiveTypes.has(itemType)) build.reporter.add('blueprint.item_type_unknown', place, { type: itemType })
}

function checkDisplay(element: Element, type: string | undefined, build: Build): void {
  if ((fieldOf(element.value, 'display') ?? null) === null || type === 'textarea') return
  build.reporter.add('blueprint.display_misplaced', placeIn(element, 'display'), {
    input: element.name,
    type: type ?? 'without a type',
  })
}
