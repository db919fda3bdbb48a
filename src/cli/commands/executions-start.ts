// `executions start`: runs a workflow to its end in this process. Takes both spellings of cfy, the local and the managed one.
import type { Call } from '../call.ts'
import { deploymentOption, type CommandDefinition } from '../definition.ts'
import type { ExitCode } from '../exit-codes.ts'
import { keyValuesNote, readKeyValues } from '../key-values.ts'
import { checkPlanAlone, readPlanFile } from '../plan-file.ts'
import { readRunOptions, runOptions } from '../run-options.ts'
import { watchExecution } from '../watch-execution.ts'
import { checkTarget, findDeployment, parameterOptions, readParameters } from '../workflow-target.ts'

export const executionsStart: CommandDefinition = {
  words: 'executions start',
  summary: 'run a workflow and show its events',
  arguments: [{ name: 'WORKFLOW', description: 'backup, restore, suspend, resume, ...', isOptional: true }],
  options: [
    deploymentOption,
    { flags: '-b, --blueprint-id <id>', description: "the blueprint; its deployment is made when it isn't there yet" },
    { flags: '-i, --inputs <values>', description: 'inputs of that deployment', isRepeatable: true },
    ...parameterOptions,
    ...runOptions,
    { flags: '--dry-run', description: 'run nothing, show what would happen: the same as `executions plan`' },
    { flags: '--plan <file>', description: 'run what this plan says, if everything is still as it was' },
  ],
  notes: [
    keyValuesNote,
    'With --json each event is one line of JSON, and the last line is the execution. Ctrl-C cancels: what is frozen is ' +
      'thawed first; a second Ctrl-C leaves at once.',
    'WORKFLOW must be given, unless --plan is: a plan names its workflow, its deployment and its parameters.',
  ],
  examples: [
    'fermata executions start backup -d shop -p snapshot_name=monday',
    'fermata executions start backup -b examples -p snapshot_name=b1 --task-retry-interval 30 --task-retries 30',
    'fermata executions start --plan monday.json',
  ],
  async run(call) {
    const file = call.text('plan')
    return file === undefined ? startWorkflow(call) : startPlanned(call, file)
  },
}

async function startWorkflow(call: Call): Promise<ExitCode> {
  const isDry = call.flag('dryRun')
  const parameters = await readParameters(call)
  const inputs = await readKeyValues(call.list('inputs'))
  const limits = readRunOptions(call)
  checkTarget(call)
  const fermata = await call.fermata()
  const deploymentId = await findDeployment(call, fermata, inputs, !isDry)
  const wanted = {
    workflow: call.argument(0),
    deploymentId,
    parameters,
    allowCustomParameters: call.flag('allowCustomParameters'),
    ...limits,
  }
  if (isDry) {
    const { showPlan } = await import('../show-plan.ts')
    return showPlan(call, await fermata.executions.plan(wanted))
  }
  return watchExecution(call, (hooks) => fermata.executions.start({ ...wanted, ...hooks }))
}

async function startPlanned(call: Call, file: string): Promise<ExitCode> {
  checkPlanAlone(call)
  const limits = readRunOptions(call)
  const plan = await readPlanFile(file)
  const fermata = await call.fermata()
  return watchExecution(call, (hooks) => fermata.executions.start({ plan, ...limits, ...hooks }))
}
