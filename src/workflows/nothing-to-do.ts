// Says so when a workflow finds nobody to work on: a run that did nothing must not look like one that did.
import { fault } from '../kernel/fault.ts'
import type { Member, Run } from '../plugins/contract/workflow.ts'

/** Writes a warning when none of the members does any of the operations. */
export function warnWhenIdle(run: Run, members: readonly Member[], operations: readonly string[]): void {
  if (members.some((member) => operations.some((operation) => member.does(operation)))) return
  run.log.warning(`Nothing to do: no chosen node does ${operations.join(' or ')}`)
}

/** @throws Fault `plan.nothing_to_do` when none of the members does the operation. */
export function refuseWhenIdle(run: Run, members: readonly Member[], operation: string): void {
  if (members.some((member) => member.does(operation))) return
  throw fault('plan.nothing_to_do', { details: { workflow: run.execution.workflow, operation } })
}
