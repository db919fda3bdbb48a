// Shows a plan in the form that was asked for, and tells by the exit code whether it could be run.
import { writeFile } from 'node:fs/promises'
import { fault } from '../kernel/fault.ts'
import type { ExecutionPlan } from '../lifecycle/plan/execution-plan.ts'
import type { Call } from './call.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { planSvg } from './plan-picture.ts'
import { planText, problemText } from './plan-text.ts'

export async function showPlan(call: Call, plan: ExecutionPlan): Promise<ExitCode> {
  const errors = plan.problems.filter(({ severity }) => severity === 'error')
  const [output, svg] = [call.text('output'), call.text('svg')]
  if (output !== undefined) await writeText(output, `${JSON.stringify(plan, null, 2)}\n`)
  if (svg !== undefined && svg !== '-') await writeText(svg, planSvg(plan))
  if (svg === '-') call.host.stdout.write(planSvg(plan))
  else if (call.isJson) call.printJson(plan)
  else if (call.isQuiet) errors.forEach((problem) => call.print(problemText(problem, call.paint)))
  else call.print(await planText(plan, call.paint))
  return errors.length === 0 ? exitCodes.ok : exitCodes.refused
}

async function writeText(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw fault('usage.bad_argument', { details: { message: `cannot write '${file}': ${reason}` }, cause })
  })
}
