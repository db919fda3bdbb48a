// The operation that made a part of a recovery point, when the blueprint still names it.
import type { PlannedOperation } from '../blueprint/plan.ts'
import type { CutOperation } from '../plugins/contract/operation.ts'
import type { PartRecord } from '../plugins/contract/workflow.ts'
import { snapshotCreate } from './operations.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

export interface MadeBy {
  readonly planned: PlannedOperation
  readonly operation: CutOperation
}

/** undefined: made by something else than what the blueprint names today, or in one piece. */
export function madeBy(site: Site, member: Instance, part: PartRecord): MadeBy | undefined {
  const planned = member.planned.operations[snapshotCreate]
  const isSame = planned && ['', `${planned.plugin}.${planned.operation}`].includes(part.operation)
  const operation = isSame ? site.findOperation(planned.plugin, planned.operation) : undefined
  return planned && operation?.kind === 'cut' ? { planned, operation } : undefined
}
