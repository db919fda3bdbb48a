// Puts the plan together: runs the workflow with a run that only writes down, and gives each call its place in time.
import type { JsonObject } from '../../kernel/json.ts'
import type { Duration, Instant } from '../../kernel/duration.ts'
import type { Run } from '../../plugins/contract/workflow.ts'
import type { Site } from '../site.ts'
import { planFormat, type CallRole, type ExecutionPlan, type PlanBasis, type PlanOptions } from './execution-plan.ts'
import { durationHistory } from './history.ts'
import { planWorkflow } from './planning-run.ts'
import type { PlanProblems, Planning } from './planning.ts'
import { PlanRecorder } from './recorder.ts'
import { timed, type Places } from './timeline.ts'

export interface PlanRequest {
  /** One whose journal and store keep nothing. */
  readonly site: Site
  readonly parameters: JsonObject
  readonly options: PlanOptions
  readonly madeAt: Instant
  /** The workflow is one of our own: its steps may be run. */
  readonly runsSteps: boolean
  readonly predictFreeze: (nodeId: string) => Duration | null
  readonly problems: PlanProblems
  readonly brokenPlugins: ReadonlySet<string>
  run(run: Run): Promise<unknown>
  basis(seen: SeenBasis): Promise<PlanBasis>
}

/** What the workflow looked at. */
export interface SeenBasis {
  readonly states: Readonly<Record<string, string>>
  readonly recoveryPoints: readonly string[]
}

/** Operations inside of a bracket have places of their own, so many at least. */
const bracketPlaces = 64

/** More of them is no workflow that ends. */
const callsPerInstance = 100
const leastCalls = 2000

export async function makePlan(request: PlanRequest): Promise<Omit<ExecutionPlan, 'digest'>> {
  const { site, options, problems } = request
  const nodeOf = (id: string): string | undefined => site.topology.find(id)?.nodeId
  const planning: Planning = {
    site,
    problems,
    brokenPlugins: request.brokenPlugins,
    recorder: new PlanRecorder(Math.max(leastCalls, callsPerInstance * site.topology.instances.length)),
    predict: await durationHistory(site.store, site.deployment.id, nodeOf),
    predictFreeze: request.predictFreeze,
    runsSteps: request.runsSteps,
    brackets: [],
    catalog: [],
    seenStates: new Map(),
    states: new Map(),
    unknownSteps: [],
    recoveryPoints: new Set(),
  }
  await planWorkflow(planning, request.run)
  const { phases, timeline } = timed(planning.recorder.phases, placesFor(options))
  return {
    format: planFormat,
    madeAt: request.madeAt,
    workflow: site.execution.workflow,
    deploymentId: site.deployment.id,
    blueprintId: site.blueprint.id,
    parameters: request.parameters,
    options,
    basis: await request.basis({
      states: Object.fromEntries(planning.seenStates),
      recoveryPoints: [...planning.recoveryPoints],
    }),
    isComplete: !problems.isIncomplete,
    phases: phases.map((phase) => ({
      ...phase,
      // A secret may have been met only after calls that hold it, too.
      calls: phase.calls.map((call) => ({ ...call, inputs: site.journal.redactor.json(call.inputs) })),
    })),
    brackets: planning.brackets,
    catalog: planning.catalog,
    states: Object.fromEntries(planning.states),
    unknownSteps: planning.unknownSteps,
    timeline,
    problems: problems.list,
  }
}

function placesFor(options: PlanOptions): (role: CallRole) => Places {
  const inside: Places = { free: Math.max(bracketPlaces, options.taskThreadPoolSize) }
  const outside: Places = { free: options.taskThreadPoolSize }
  return (role) => (role === 'freeze' || role === 'cut' || role === 'thaw' ? inside : outside)
}
