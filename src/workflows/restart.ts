// restart: the stop operation everywhere, and once that is through the start operation everywhere.
import { Type } from '../kernel/schema.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { lifecycleChoice, operationInputs, runLifecycleOperation } from './run-lifecycle-operation.ts'

export const restart = defineWorkflow({
  name: 'restart',
  description: 'Runs the stop operation of all nodes, or of some, and then their start operation',
  parameters: Type.Object({
    stop_parms: operationInputs('stop'),
    start_parms: operationInputs('start'),
    ...lifecycleChoice,
  }),
  async run(run, parameters) {
    await runLifecycleOperation(run, 'stop', parameters, parameters.stop_parms)
    await runLifecycleOperation(run, 'start', parameters, parameters.start_parms)
  },
})
