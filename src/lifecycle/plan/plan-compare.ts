// A comparison is only foretold: what it would find changes nothing of what is called.
import type { JsonObject } from '../../kernel/json.ts'
import type { PartRecord } from '../../plugins/contract/workflow.ts'
import { compareKey } from '../compare-part.ts'
import { madeBy } from '../made-by.ts'
import { snapshotCreate } from '../operations.ts'
import type { Instance } from '../topology.ts'
import { planCall } from './plan-call.ts'
import type { Planning } from './planning.ts'

export async function planCompare(
  planning: Planning,
  member: Instance,
  part: PartRecord,
  inputs: JsonObject,
): Promise<null> {
  const { planned, operation } = madeBy(planning.site, member, part) ?? {}
  if (!planned || !operation?.compare) return null
  const call = { key: compareKey(part), name: 'compare', role: 'compare', given: inputs, part: part.result } as const
  await planCall(planning, { ...call, member, operation: snapshotCreate, planned })
  return null
}
