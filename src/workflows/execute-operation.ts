// execute_operation: any one operation, on any part of the deployment.
import { Type } from '../kernel/schema.ts'
import { fault } from '../kernel/fault.ts'
import { suggestion } from '../lifecycle/selection.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { choice, chosenMembers } from './chosen-members.ts'

export const executeOperation = defineWorkflow({
  name: 'execute_operation',
  description: 'Runs one operation on all nodes that have it, or on some',
  parameters: Type.Object({
    operation: Type.String({ description: 'Full name, such as cloudify.interfaces.lifecycle.start' }),
    operation_kwargs: Type.Record(Type.String(), Type.Unknown(), {
      default: {},
      description: 'Inputs for the operation; they win over its own',
    }),
    allow_kwargs_override: Type.Union([Type.Boolean(), Type.Null()], {
      default: null,
      description: 'Kept for old callers; inputs always win',
    }),
    run_by_dependency_order: Type.Boolean({ default: false, description: 'Dependencies first instead of all at once' }),
    ...choice,
  }),
  async run(run, parameters) {
    const { operation } = parameters
    const instances = chosenMembers(run, parameters)
    const known = [...new Set(run.members.flatMap((member) => member.operations))]
    if (!known.includes(operation)) {
      throw fault('plan.unknown_operation', {
        details: { deployment: run.deployment.id, operation, near: suggestion(operation, known) },
      })
    }
    await run.walk(operation, {
      instances,
      order: parameters.run_by_dependency_order ? 'dependencies-first' : 'none',
      inputs: parameters.operation_kwargs as never,
    })
  },
})
