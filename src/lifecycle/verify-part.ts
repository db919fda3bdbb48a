// Reads one part of a recovery point back through the operation that made it, as a durable step. Nothing is changed.
import type { JsonObject } from '../kernel/json.ts'
import type { PartCheck } from '../plugins/contract/operation.ts'
import type { PartRecord } from '../plugins/contract/workflow.ts'
import type { OperationRunner } from './operation-runner.ts'
import { readPart } from './read-part.ts'
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
  const question = { member, part, inputs, key: verifyKey(part, member), half: 'verify' } as const
  const check = await readPart(site, runner, {
    ...question,
    answerer: (operation) => operation.verify?.bind(operation),
  })
  if (check === null) return null
  site.journal.trace({ type: 'part.verified', instance: member.id, point: part.pointId, isUsable: check.isUsable })
  await site.journal.flush()
  await site.world.point?.('catalog.verified')
  return check
}
