// Simulates what users have: a deployment, or a blueprint that only lies on disk, by many seeds for each workflow.
import { prepareDeployment } from '../../blueprint/prepare-deployment.ts'
import type { Plan } from '../../blueprint/plan.ts'
import { asFault, fault, faultFromRecord, type Fault, type FaultRecord } from '../../kernel/fault.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Plugin } from '../../plugins/contract/plugin.ts'
import { suggestion } from '../../lifecycle/selection.ts'
import type { BlueprintSource } from '../api.ts'
import { BlueprintRefused } from '../blueprint-refused.ts'
import { blueprintsOf } from '../blueprints.ts'
import type { Engine } from '../engine.ts'
import { deploymentRow, loadPlan, loadPrepared, type Prepared } from '../plans.ts'
import type { FaultKind } from './fault-plan.ts'
import { replaceOperations } from './replace-operations.ts'
import { runSeeds, type SeedsResult } from './run-seeds.ts'
import { simulatedWorkflows, type SimulatedWorkflow } from './scenario.ts'
import { simulate } from './simulate.ts'
import type { Topology } from './topology.ts'

export interface SimulateOptions {
  /** A deployment, or else a blueprint: the id of an uploaded one, or one that is only read. */
  readonly deploymentId?: string
  readonly blueprint?: string | BlueprintSource
  /** For a blueprint. */
  readonly inputs?: JsonObject
  /** Default: all that have something to do. */
  readonly workflows?: readonly string[]
  /** Only faults of these kinds. */
  readonly kinds?: readonly FaultKind[]
  /** The first seed, and how many of them for each workflow. */
  readonly seed: number
  readonly runs: number
  readonly onRun?: (workflow: string, run: number) => void
}

export interface SimulatedWorkflowResult extends SeedsResult {
  readonly workflow: SimulatedWorkflow
}

export interface SimulationReport {
  readonly seed: number
  readonly runs: number
  readonly nodes: number
  readonly workflows: readonly SimulatedWorkflowResult[]
  /** Workflows that were not asked for by name and have nothing to do here. */
  readonly left: readonly { readonly workflow: SimulatedWorkflow; readonly reason: string }[]
}

export interface Simulations {
  /** @throws Fault `plan.not_simulated`, or what the workflow itself would be refused with. */
  run(options: SimulateOptions): Promise<SimulationReport>
}

export function simulationsOf(engine: Engine): Simulations {
  return {
    async run(options) {
      const { seed, runs } = options
      const topology = await topologyOf(engine, options)
      const workflows: SimulatedWorkflowResult[] = []
      const left: { workflow: SimulatedWorkflow; reason: string }[] = []
      for (const workflow of chosenWorkflows(options.workflows)) {
        const problem = await refusal(topology, workflow)
        if (problem && options.workflows?.length) throw problem
        if (problem) left.push({ workflow, reason: problem.message })
        else {
          const onSeed = (at: number): void => options.onRun?.(workflow, at - seed + 1)
          const seeds = { from: seed, count: runs, topology, workflows: [workflow], onSeed }
          workflows.push({ workflow, ...(await runSeeds(options.kinds ? { ...seeds, kinds: options.kinds } : seeds)) })
        }
      }
      return { seed, runs, nodes: topology.prepared.nodes.length, workflows, left }
    },
  }
}

function chosenWorkflows(names: readonly string[] = []): readonly SimulatedWorkflow[] {
  for (const name of names) {
    if ((simulatedWorkflows as readonly string[]).includes(name)) continue
    throw notSimulated(name)
  }
  return names.length === 0 ? simulatedWorkflows : (names as readonly SimulatedWorkflow[])
}

/** Why an undisturbed run does not end well: then there is nothing that faults could show. */
async function refusal(topology: Topology, workflow: SimulatedWorkflow): Promise<Fault | undefined> {
  try {
    const { status, error } = await simulate({ seed: 0, topology, workflow })
    if (status === 'terminated') return undefined
    return error === null ? notSimulated(workflow) : faultFromRecord(JSON.parse(error) as FaultRecord)
  } catch (thrown) {
    return asFault(thrown)
  }
}

function notSimulated(workflow: string): Fault {
  return fault('plan.not_simulated', { details: { workflow, near: suggestion(workflow, simulatedWorkflows) } })
}

async function topologyOf(engine: Engine, options: SimulateOptions): Promise<Topology> {
  const { deploymentId } = options
  if (deploymentId !== undefined) {
    const { blueprint_id: blueprintId } = await deploymentRow(engine, deploymentId)
    const plan = await loadPlan(engine, blueprintId)
    const prepared = await loadPrepared(engine, deploymentId)
    return replaced(engine, { name: deploymentId, plan, prepared }, blueprintId)
  }
  const { blueprint = '' } = options
  const plan = await blueprintsOf(engine).plan(blueprint)
  const name = typeof blueprint === 'string' ? blueprint : blueprint.path
  return replaced(engine, { name, plan, prepared: prepare(plan, options.inputs ?? {}) }, name)
}

function prepare(plan: Plan, inputs: JsonObject): Prepared {
  let count = 0
  const newSuffix = (): string => String(++count).padStart(6, '0')
  const outcome = prepareDeployment(plan, { inputs, secrets: plan.secrets, newSuffix })
  if (outcome.problems) throw new BlueprintRefused(outcome.problems, {})
  const { plan: _plan, ...prepared } = outcome.deployment
  return prepared
}

async function replaced(engine: Engine, topology: Topology, blueprintId: string): Promise<Topology> {
  const plugins = new Map<string, Plugin | undefined>()
  for (const planned of Object.values(topology.plan.plugins)) {
    // One that does not load is no reason not to simulate: the interface tells what its operations are for.
    plugins.set(planned.name, await engine.loadPlugin(planned, blueprintId).catch(() => undefined))
  }
  return replaceOperations(topology, (plugin, operation) => {
    const operations = plugins.get(plugin)?.operations ?? {}
    return Object.hasOwn(operations, operation) ? operations[operation] : undefined
  })
}
