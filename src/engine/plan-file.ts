// A plan as somebody hands it in: looked at before a word of it is believed.
import { createHash } from 'node:crypto'
import { Type } from '../kernel/schema.ts'
import { fault } from '../kernel/fault.ts'
import { canonicalJson, isJsonObject, type Json } from '../kernel/json.ts'
import { checkParameters } from '../lifecycle/check-inputs.ts'
import { planFormat, type ExecutionPlan } from '../lifecycle/plan/execution-plan.ts'

const texts = Type.Record(Type.String(), Type.String())

/** What of a plan is read again. */
const shape = Type.Object({
  workflow: Type.String(),
  deploymentId: Type.String(),
  parameters: Type.Record(Type.String(), Type.Unknown()),
  options: Type.Object({
    taskRetries: Type.Integer({ minimum: -1 }),
    taskRetryInterval: Type.Integer({ minimum: 0 }),
    taskThreadPoolSize: Type.Integer({ minimum: 1 }),
  }),
  basis: Type.Object({
    fermata: Type.String(),
    blueprint: Type.String(),
    inputs: Type.String(),
    instances: texts,
    states: texts,
    plugins: texts,
    recoveryPoints: texts,
  }),
  catalog: Type.Array(Type.Object({ action: Type.String(), name: Type.String() })),
  problems: Type.Array(Type.Object({ severity: Type.String(), message: Type.String() })),
  digest: Type.String(),
})

/** @throws Fault `plan.not_a_plan` */
export function readPlan(value: Json): ExecutionPlan {
  if (!isJsonObject(value) || typeof value['format'] !== 'string') throw notAPlan('it has no format')
  if (value['format'] !== planFormat)
    throw notAPlan(`its format is '${value['format']}', and this fermata reads '${planFormat}'`)
  const problem = checkParameters(shape, value)
  if (problem) throw notAPlan(problem.parameter === '' ? problem.reason : `${problem.parameter} ${problem.reason}`)
  const plan = value as unknown as ExecutionPlan
  if (planDigest(plan) !== plan.digest) throw notAPlan('it was changed after it was made')
  return plan
}

export function planDigest({
  digest: _own,
  ...rest
}: Omit<ExecutionPlan, 'digest'> & { readonly digest?: string }): string {
  return createHash('sha256')
    .update(canonicalJson(rest as unknown as Json))
    .digest('hex')
}

function notAPlan(reason: string): Error {
  return fault('plan.not_a_plan', { details: { reason } })
}
