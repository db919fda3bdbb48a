// Reads one part of a recovery point back through the operation that made it, as a durable step. Nothing is changed.
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Part, PartCheck } from '../plugins/contract/operation.ts'
import type { PartRecord } from '../plugins/contract/workflow.ts'
import { madeBy } from './made-by.ts'
import type { OperationRunner } from './operation-runner.ts'
import { snapshotCreate } from './operations.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

/** A part on which parts of several instances rest is read back for each of them. */
export function verifyKey(part: PartRecord, member: { readonly id: string }): string {
  const key = `verify/${part.pointId}/${part.instanceId}`
  return part.instanceId === member.id ? key : `${key}/${member.id}`
}

/** null: what made the part offers no read-back, or is not what the blueprint names today. */
export async function verifyPart(
  site: Site,
  runner: OperationRunner,
  member: Instance,
  part: PartRecord,
  inputs: JsonObject,
): Promise<PartCheck | null> {
  const { planned, operation } = madeBy(site, member, part) ?? {}
  const verify = operation?.verify?.bind(operation)
  if (!planned || !verify) return null
  const found = await runner.run({
    key: verifyKey(part, member),
    half: 'verify',
    member,
    operation: snapshotCreate,
    planned,
    part: part.result,
    inputs,
    title: null,
    signal: site.signal,
    perform: async (_operation, ctx) => (await verify(ctx, part.result as unknown as Part)) as unknown as Json,
  })
  const check = found as unknown as PartCheck
  site.journal.trace({ type: 'part.verified', instance: member.id, point: part.pointId, isUsable: check.isUsable })
  await site.journal.flush()
  await site.world.point?.('catalog.verified')
  return check
}
