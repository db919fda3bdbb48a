// `simulate`: a deployment or a blueprint of the user's, run by many seeds in virtual time with everything that goes wrong.
import { existsSync } from 'node:fs'
import { faultKinds, type FaultKind } from '../../engine/simulation/fault-plan.ts'
import type { SimulatedWorkflowResult, SimulateOptions, SimulationReport } from '../../engine/simulation/simulations.ts'
import { formatDuration } from '../../kernel/duration.ts'
import { fault } from '../../kernel/fault.ts'
import { suggestion } from '../../lifecycle/selection.ts'
import { looksLikePath } from '../blueprint-argument.ts'
import type { Call } from '../call.ts'
import { deploymentOption, mainFileOption, type CommandDefinition } from '../definition.ts'
import { exitCodes } from '../exit-codes.ts'
import { readKeyValues } from '../key-values.ts'
import { tableText, type Cell } from '../table.ts'

const manyRuns = 100
const longestSeed = 999_999_999

export const simulateCommand: CommandDefinition = {
  words: 'simulate',
  summary: 'run a blueprint in virtual time with crashes, lost answers and full disks, and check every promise',
  arguments: [
    {
      name: 'BLUEPRINT',
      description: 'id of an uploaded blueprint, or the path of a YAML file, folder or archive',
      isOptional: true,
    },
  ],
  options: [
    deploymentOption,
    { flags: '--seed <number>', description: 'the first seed (default: 1); the same one gives the same runs' },
    { flags: '--runs <count>', description: `how many seeds of each workflow (default: ${manyRuns})` },
    { flags: '--workflow <name>', description: 'only this one; may be repeated', isRepeatable: true },
    { flags: '--faults <kinds>', description: `only these, such as crash,lose (all: ${faultKinds.join(', ')})` },
    {
      flags: '-i, --inputs <values>',
      description: 'inputs of the blueprint: key=value, a mapping, or a file with one; may be repeated',
      isRepeatable: true,
    },
    mainFileOption,
  ],
  notes: [
    'Nothing real is called: each operation is replaced by a simulated one of its kind. Ends with exit code 7 when a ' +
      'promise was broken, and says which seed shows it.',
  ],
  examples: [
    'fermata simulate -d shop',
    'fermata simulate blueprints/two-tier --workflow backup --faults crash --runs 500',
  ],
  async run(call) {
    const options = await readOptions(call)
    const { simulations } = await call.fermata()
    const report = await simulations.run({ ...options, onRun: progressOf(call, options.runs) })
    call.host.stderr.write(call.host.stderr.isTerminal ? '\r\u001b[K' : '')
    if (call.isJson) call.printJson(report)
    else await print(call, report)
    const isBroken = report.workflows.some(({ failed }) => failed.length > 0)
    return isBroken ? exitCodes.promiseBroken : exitCodes.ok
  },
}

async function readOptions(call: Call): Promise<SimulateOptions> {
  const [deploymentId, blueprint] = [call.text('deploymentId'), call.optionalArgument(0)]
  if ((deploymentId === undefined) === (blueprint === undefined)) {
    throw fault('usage.bad_argument', {
      details: { message: 'it wants either a deployment or a blueprint' },
      hint: 'name a deployment with -d, or a blueprint',
    })
  }
  const seed = call.wholeNumber('seed', '--seed', 0) ?? 1
  const runs = call.wholeNumber('runs', '--runs', 1) ?? manyRuns
  if (seed + runs > longestSeed) {
    throw fault('usage.bad_argument', { details: { message: `seeds end at ${longestSeed}` } })
  }
  const kinds = readKinds(call.text('faults'))
  return {
    seed,
    runs,
    workflows: call.list('workflow'),
    inputs: await readKeyValues(call.list('inputs')),
    ...(kinds === undefined ? {} : { kinds }),
    ...(deploymentId === undefined ? {} : { deploymentId }),
    ...(blueprint === undefined ? {} : { blueprint: sourceOf(blueprint, call.text('blueprintFilename')) }),
  }
}

function sourceOf(text: string, mainFile: string | undefined): SimulateOptions['blueprint'] & {} {
  if (mainFile === undefined && !looksLikePath(text) && !existsSync(text)) return text
  return { path: text, ...(mainFile === undefined ? {} : { mainFile }) }
}

function readKinds(text: string | undefined): readonly FaultKind[] | undefined {
  if (text === undefined) return undefined
  const names = text.split(',').map((name) => name.trim())
  for (const name of names) {
    if ((faultKinds as readonly string[]).includes(name)) continue
    throw fault('usage.not_found', { details: { kind: 'fault', id: name, near: suggestion(name, faultKinds) } })
  }
  return names as readonly FaultKind[]
}

// A line that is written over, where somebody looks at it.
function progressOf(call: Call, runs: number): (workflow: string, run: number) => void {
  const { stderr } = call.host
  if (!stderr.isTerminal || call.isQuiet || call.isJson) return () => {}
  return (workflow, run) => {
    if (run % 10 === 0 || run === runs) stderr.write(`\r\u001b[K${workflow}: ${run} of ${runs}`)
  }
}

async function print(call: Call, report: SimulationReport): Promise<void> {
  const failed = report.workflows.flatMap((one) =>
    one.failed.map((failure) => ({ ...failure, workflow: one.workflow })),
  )
  if (call.isQuiet) return failed.forEach(({ workflow, seed }) => call.print(`${workflow} ${seed}`))
  const head = [
    'WORKFLOW',
    'RUNS',
    'ENDED WELL',
    'FAILED',
    'CANCELLED',
    'FAULTS',
    'CRASHES',
    'LONGEST FREEZE',
    'BROKEN',
  ]
  if (report.workflows.length > 0)
    call.print(await tableText({ head, rows: report.workflows.map(rowOf), paint: call.paint }))
  for (const { workflow, reason } of report.left) call.print(`${workflow}: left out, ${reason}`)
  for (const { workflow, seed, violations } of failed) {
    for (const { promise, message } of violations.slice(0, call.isVerbose ? undefined : 3))
      call.print(call.paint('red', `${workflow}, seed ${seed}: ${promise}: ${message}`))
  }
  const total = report.workflows.reduce((sum, { seeds }) => sum + seeds, 0)
  const words = failed.length === 0 ? 'every promise was kept' : `${failed.length} broke a promise`
  call.print(`${total} runs: ${call.paint(failed.length === 0 ? 'green' : 'red', words)}`)
}

function rowOf(result: SimulatedWorkflowResult): readonly Cell[] {
  const { workflow, seeds, ends, faults, crashes, longestFreeze, failed } = result
  const happened = Object.values(faults).reduce((sum, count) => sum + count, 0)
  const freeze = longestFreeze === 0 ? null : formatDuration(longestFreeze)
  const [well = 0, bad = 0, stopped = 0] = [ends['terminated'], ends['failed'], ends['cancelled']]
  return [workflow, seeds, well, bad, stopped, happened, crashes, freeze, failed.length]
}
