// `executions plan`: what a workflow would do, before it does anything.
import { deploymentOption, type CommandDefinition } from '../definition.ts'
import { keyValuesNote } from '../key-values.ts'
import { readRunOptions, runOptions } from '../run-options.ts'
import { showPlan } from '../show-plan.ts'
import { parameterOptions, readParameters } from '../workflow-target.ts'

export const executionsPlan: CommandDefinition = {
  words: 'executions plan',
  summary: 'show what a workflow would do, and what speaks against it; nothing is run',
  arguments: [{ name: 'WORKFLOW', description: 'backup, restore, suspend, resume, ...' }],
  options: [
    { ...deploymentOption, isRequired: true },
    ...parameterOptions,
    ...runOptions.filter(({ flags }) => flags.startsWith('--task-')),
    { flags: '-o, --output <file>', description: 'write the plan there, for `executions start --plan`' },
    { flags: '--svg <file>', description: 'draw its timeline there; - prints the picture instead of the plan' },
  ],
  notes: [
    keyValuesNote,
    'Lengths are those of the last times here. The exit code is 3 when the run would be refused, or would fail for certain.',
  ],
  examples: [
    'fermata executions plan backup -d shop -p snapshot_name=monday -o monday.json',
    'fermata executions plan restore -d shop -p snapshot_name=monday --svg monday.svg',
  ],
  async run(call) {
    const parameters = await readParameters(call)
    const { wait: _wait, ...limits } = readRunOptions(call)
    const fermata = await call.fermata()
    const plan = await fermata.executions.plan({
      workflow: call.argument(0),
      deploymentId: call.text('deploymentId') ?? '',
      parameters,
      allowCustomParameters: call.flag('allowCustomParameters'),
      ...limits,
    })
    return showPlan(call, plan)
  },
}
