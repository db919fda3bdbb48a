// Reading a part back is done also when planning: it changes nothing, and a restore that must fail should be known to.
import type { Part, PartCheck } from '../../plugins/contract/operation.ts'
import type { PartRecord } from '../../plugins/contract/workflow.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { madeBy } from '../made-by.ts'
import { lookContext } from '../look-context.ts'
import { snapshotCreate } from '../operations.ts'
import { pluginFailure } from '../plugin-failure.ts'
import type { Instance } from '../topology.ts'
import { verifyKey } from '../verify-part.ts'
import { planCall } from './plan-call.ts'
import type { Planning } from './planning.ts'

export async function planVerify(
  planning: Planning,
  member: Instance,
  part: PartRecord,
  inputs: JsonObject,
): Promise<PartCheck | null> {
  const { site } = planning
  const { planned, operation } = madeBy(site, member, part) ?? {}
  if (!planned || !operation?.verify) return null
  const key = verifyKey(part, member)
  await planCall(planning, {
    key,
    name: 'verify',
    role: 'verify',
    member,
    operation: snapshotCreate,
    planned,
    given: inputs,
    part: part.result,
  })
  const look = { operation: snapshotCreate, key, signal: site.signal, part: part.result }
  const ctx = await lookContext(site, member, look)
  return operation.verify(ctx, part.result as unknown as Part).catch((thrown: unknown) => {
    throw pluginFailure(thrown, planned.plugin, planned.operation)
  })
}
