// Starting by a plan: only while everything that it rests on is still as it was.
import { fault } from '../kernel/fault.ts'
import type { Json } from '../kernel/json.ts'
import type { StartOptions } from './api.ts'
import type { Engine } from './engine.ts'
import { changesSince, readBasis, takenSince } from './plan-basis.ts'
import { readPlan } from './plan-file.ts'

/** Workflow, deployment and parameters are the plan's; so is how operations are repeated, unless it is given here. */
export interface PlannedStart extends Omit<
  StartOptions,
  'workflow' | 'deploymentId' | 'parameters' | 'allowCustomParameters'
> {
  /** What `executions.plan` returned, as JSON. */
  readonly plan: Json
}

export interface StartByPlan extends StartOptions {
  readonly planDigest: string
}

/** @throws Fault `plan.not_a_plan`, `plan.has_errors`, `plan.stale` */
export async function startByPlan(engine: Engine, { plan: given, ...options }: PlannedStart): Promise<StartByPlan> {
  const plan = readPlan(given)
  const errors = plan.problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0)
    throw fault('plan.has_errors', { details: { errors: errors.map(({ message }) => message).join('; ') } })
  const { states, recoveryPoints } = plan.basis
  const now = await readBasis(engine, plan.deploymentId, { states, recoveryPoints: Object.keys(recoveryPoints) })
  const changes = [...changesSince(plan.basis, now), ...(await takenSince(engine, plan))]
  if (changes.length > 0) throw fault('plan.stale', { details: { changes: changes.join(', ') } })
  return {
    ...plan.options,
    ...options,
    workflow: plan.workflow,
    deploymentId: plan.deploymentId,
    parameters: plan.parameters,
    // They were let through when the plan was made.
    allowCustomParameters: true,
    planDigest: plan.digest,
  }
}
