// An operation of a template over the one its type declares.
import type { JsonObject } from '../../kernel/json.ts'
import type { OperationSettings, TemplateOperation, TypeOperation } from '../elements/operation.ts'
import { emptySchema, type Schema } from '../elements/property-schema.ts'

/** Which implementation runs, and which inputs of the type still count for it. */
export interface MergedOperation extends OperationSettings {
  readonly implementation: string
  /** As the template gives them. */
  readonly given: JsonObject
  /** What the type declares of them; empty when the template brings its own implementation. */
  readonly declared: Schema
}

/** undefined when neither is there. `{}` in a template makes an operation do nothing. */
export function mergeOperation(
  template: TemplateOperation | undefined,
  type: TypeOperation | undefined,
): MergedOperation | undefined {
  if (template === undefined) return type === undefined ? undefined : inherited(type)
  const replaces = template.implementation !== '' && template.implementation !== type?.implementation
  if (type === undefined || replaces || saysNothing(template)) {
    return {
      ...settingsOf(template),
      implementation: template.implementation,
      given: template.inputs,
      declared: emptySchema,
    }
  }
  return {
    implementation: type.implementation,
    given: template.inputs,
    declared: type.inputs,
    executor: template.executor ?? type.executor,
    maxRetries: template.maxRetries ?? type.maxRetries,
    retryInterval: template.retryInterval ?? type.retryInterval,
    timeout: template.timeout ?? type.timeout,
    timeoutRecoverable: template.timeoutRecoverable ?? type.timeoutRecoverable,
  }
}

function inherited(type: TypeOperation): MergedOperation {
  return { ...settingsOf(type), implementation: type.implementation, given: {}, declared: type.inputs }
}

function settingsOf(operation: OperationSettings): OperationSettings {
  const { executor, maxRetries, retryInterval, timeout, timeoutRecoverable } = operation
  return { executor, maxRetries, retryInterval, timeout, timeoutRecoverable }
}

function saysNothing(operation: TemplateOperation): boolean {
  const isUnset = Object.values(settingsOf(operation)).every((setting) => setting === null)
  return isUnset && operation.implementation === '' && Object.keys(operation.inputs).length === 0
}
