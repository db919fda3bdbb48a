// The file that `executions start --plan` is given. Whether it holds a plan is for the engine to say.
import { readFile } from 'node:fs/promises'
import { fault } from '../kernel/fault.ts'
import type { Json } from '../kernel/json.ts'
import type { Call } from './call.ts'

/** @throws Fault `usage.unreadable_file`, `plan.not_a_plan` */
export async function readPlanFile(path: string): Promise<Json> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw fault('usage.unreadable_file', { details: { path, reason }, cause })
  })
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw fault('plan.not_a_plan', { details: { reason: `'${path}' is no JSON` }, cause })
  }
}

/** What a plan says already must not be said again: two answers would need a third to choose. @throws Fault `usage.bad_argument` */
export function checkPlanAlone(call: Call): void {
  const said = [
    ...(call.optionalArgument(0) === undefined ? [] : ['a workflow']),
    ...(['deploymentId', 'blueprintId', 'includeInstances'] as const).filter((name) => call.text(name) !== undefined),
    ...(['inputs', 'parameters'] as const).filter((name) => call.list(name).length > 0),
    ...(['dryRun', 'allowCustomParameters'] as const).filter((name) => call.flag(name)),
  ]
  if (said.length === 0) return
  const names = said.map((name) => flagOf[name as keyof typeof flagOf] ?? name)
  const message = `${names.join(' and ')} cannot be given together with --plan`
  const hint = 'the plan names its workflow, its deployment and its parameters; make another plan for others'
  throw fault('usage.bad_argument', { details: { message }, hint })
}

const flagOf = {
  deploymentId: '-d',
  blueprintId: '-b',
  includeInstances: '--include-instances',
  inputs: '-i',
  parameters: '-p',
  dryRun: '--dry-run',
  allowCustomParameters: '--allow-custom-parameters',
} as const
