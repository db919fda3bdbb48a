// One operation of the lifecycle on the chosen instances. States stay as they are: install and uninstall alone set them.
import type { Static } from 'typebox'
import { Type } from '../kernel/schema.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Run } from '../plugins/contract/workflow.ts'
import { choice, chosenMembers } from './chosen-members.ts'

export const lifecycleChoice = {
  run_by_dependency_order: Type.Boolean({ default: true, description: 'Dependencies first instead of all at once' }),
  ...choice,
}

/** Inputs for an operation, as a parameter. */
export const operationInputs = (operation: string) =>
  Type.Record(Type.String(), Type.Unknown(), {
    default: {},
    description: `Inputs for the ${operation} operation; they win over its own`,
  })

const shape = Type.Object(lifecycleChoice)

export async function runLifecycleOperation(
  run: Run,
  operation: 'start' | 'stop',
  parameters: Static<typeof shape>,
  inputs: Readonly<Record<string, unknown>>,
): Promise<void> {
  await run.walk(`cloudify.interfaces.lifecycle.${operation}`, {
    instances: chosenMembers(run, parameters),
    order: parameters.run_by_dependency_order ? 'dependencies-first' : 'none',
    inputs: inputs as JsonObject,
    title: operation,
  })
}
