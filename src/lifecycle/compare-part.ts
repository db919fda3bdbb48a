// Compares one part of a recovery point with what is there now, through the operation that made it, as a durable step.
import type { Json, JsonObject } from '../kernel/json.ts'
import type { PartComparison } from '../plugins/contract/comparison.ts'
import type { Part } from '../plugins/contract/operation.ts'
import type { PartRecord } from '../plugins/contract/workflow.ts'
import { madeBy } from './made-by.ts'
import type { OperationRunner } from './operation-runner.ts'
import { snapshotCreate } from './operations.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

export function compareKey({ pointId, instanceId }: PartRecord): string {
  return `compare/${pointId}/${instanceId}`
}

/** null: what made the part compares nothing, or is not what the blueprint names today. */
export async function comparePart(
  site: Site,
  runner: OperationRunner,
  member: Instance,
  part: PartRecord,
  inputs: JsonObject,
): Promise<PartComparison | null> {
  const { planned, operation } = madeBy(site, member, part) ?? {}
  const compare = operation?.compare?.bind(operation)
  if (!planned || !compare) return null
  const found = await runner.run({
    key: compareKey(part),
    half: 'compare',
    member,
    operation: snapshotCreate,
    planned,
    part: part.result,
    inputs,
    title: null,
    signal: site.signal,
    perform: async (_operation, ctx) => (await compare(ctx, part.result as unknown as Part)) as unknown as Json,
  })
  return found as unknown as PartComparison
}
