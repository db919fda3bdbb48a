// Operations as types and templates write them, and the one form both are read into.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { type Element, placeIn } from '../document.ts'
import type { Path } from '../source/source-file.ts'
import { type Build, fieldOf, objectAt, textAt } from './build.ts'
import type { DataTypes } from './data-type.ts'
import { emptySchema, readSchema, type Schema, schemaShape } from './property-schema.ts'
import { describeValue, dict, flag, integer, mapOf, number, oneOf, record, text, type Shape } from './shape.ts'

/** What stands beside implementation and inputs. null: not said. */
export interface OperationSettings {
  readonly executor: string | null
  readonly maxRetries: number | null
  readonly retryInterval: number | null
  readonly timeout: number | null
  readonly timeoutRecoverable: boolean | null
}

export interface TypeOperation extends OperationSettings {
  readonly implementation: string
  readonly inputs: Schema
  /** Where it was written; operations are inherited by other elements. */
  readonly element: Element
  readonly path: Path
}

export interface TemplateOperation extends OperationSettings {
  readonly implementation: string
  readonly inputs: JsonObject
}

function operationShape(inputs: Shape): Shape {
  return oneOf(
    text,
    record({
      implementation: text,
      inputs,
      executor: text,
      max_retries: { shape: integer, since: 1 },
      retry_interval: { shape: number, since: 1 },
      timeout: number,
      timeout_recoverable: flag,
    }),
  )
}

export const typeInterfacesShape = mapOf(mapOf(operationShape(schemaShape)))
export const templateInterfacesShape = mapOf(mapOf(operationShape(dict)))

export function readTypeOperation(
  value: Json,
  element: Element,
  path: Path,
  types: DataTypes,
  build: Build,
): TypeOperation {
  const inputs = objectAt(value, 'inputs')
  return {
    ...readSettings(value, element, path, build),
    implementation: implementationOf(value),
    inputs:
      Object.keys(inputs).length === 0 ? emptySchema : readSchema(inputs, element, [...path, 'inputs'], types, build),
    element,
    path,
  }
}

export function readTemplateOperation(value: Json, element: Element, path: Path, build: Build): TemplateOperation {
  return {
    ...readSettings(value, element, path, build),
    implementation: implementationOf(value),
    inputs: objectAt(value, 'inputs'),
  }
}

function implementationOf(value: Json): string {
  return typeof value === 'string' ? value : (textAt(value, 'implementation') ?? '')
}

const unsaid: OperationSettings = {
  executor: null,
  maxRetries: null,
  retryInterval: null,
  timeout: null,
  timeoutRecoverable: null,
}

function readSettings(value: Json, element: Element, path: Path, build: Build): OperationSettings {
  if (!isJsonObject(value)) return unsaid
  const executor = textAt(value, 'executor') ?? null
  if (executor !== null && executor !== 'central_deployment_agent' && executor !== 'host_agent') {
    const operation = path.slice(-2).join('.')
    build.reporter.add('blueprint.operation_executor', placeIn(element, ...path, 'executor'), { operation, executor })
  }
  const recoverable = fieldOf(value, 'timeout_recoverable')
  return {
    executor,
    maxRetries: numberAt(value, 'max_retries', -1, element, path, build),
    retryInterval: numberAt(value, 'retry_interval', 0, element, path, build),
    timeout: numberAt(value, 'timeout', 0, element, path, build),
    timeoutRecoverable: typeof recoverable === 'boolean' ? recoverable : null,
  }
}

function numberAt(
  value: JsonObject,
  key: string,
  least: number,
  element: Element,
  path: Path,
  build: Build,
): number | null {
  const given = fieldOf(value, key)
  if (typeof given !== 'number') return null
  if (given < least) {
    const expected = least === -1 ? '-1 for no limit, 0 or more' : '0 or more'
    const details = { key, expected, found: describeValue(given) }
    build.reporter.add('blueprint.bad_retries', placeIn(element, ...path, key), details)
  }
  return given
}
