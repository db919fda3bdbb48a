// start: runs the start operation of nodes that are installed.
import { Type } from '../kernel/schema.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { lifecycleChoice, operationInputs, runLifecycleOperation } from './run-lifecycle-operation.ts'

export const start = defineWorkflow({
  name: 'start',
  description: 'Runs the start operation of all nodes, or of some',
  parameters: Type.Object({
    operation_parms: operationInputs('start'),
    ...lifecycleChoice,
  }),
  run: (run, parameters) => runLifecycleOperation(run, 'start', parameters, parameters.operation_parms),
})
