// stop: runs the stop operation of nodes that are installed, dependencies first as Cloudify does; uninstall goes the other way.
import { Type } from '../kernel/schema.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { lifecycleChoice, operationInputs, runLifecycleOperation } from './run-lifecycle-operation.ts'

export const stop = defineWorkflow({
  name: 'stop',
  description: 'Runs the stop operation of all nodes, or of some',
  parameters: Type.Object({
    operation_parms: operationInputs('stop'),
    ...lifecycleChoice,
  }),
  run: (run, parameters) => runLifecycleOperation(run, 'stop', parameters, parameters.operation_parms),
})
