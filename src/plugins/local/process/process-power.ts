// What a process does now, as suspend and resume ask: one that stands still is suspended, one that is gone is stopped.
import type { OperationContext } from '../../contract/context.ts'
import type { PowerState } from '../../contract/operation.ts'
import { isAlive } from '../../guard/process-table.ts'
import { knownProcess } from './running-process.ts'
import { allStopped } from './stop-and-continue.ts'

export async function processPower(ctx: OperationContext): Promise<PowerState> {
  const known = knownProcess(ctx)
  if (!known || !isAlive(known)) return 'stopped'
  return allStopped(known) ? 'suspended' : 'running'
}
