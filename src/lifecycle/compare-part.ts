// Compares one part of a recovery point with what is there now, through the operation that made it, as a durable step.
import type { JsonObject } from '../kernel/json.ts'
import type { PartComparison } from '../plugins/contract/comparison.ts'
import type { PartRecord } from '../plugins/contract/workflow.ts'
import type { OperationRunner } from './operation-runner.ts'
import { readPart } from './read-part.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

export function compareKey({ pointId, instanceId }: PartRecord): string {
  return `compare/${pointId}/${instanceId}`
}

/** null: what made the part compares nothing, or is not what the blueprint names today. */
export function comparePart(
  site: Site,
  runner: OperationRunner,
  member: Instance,
  part: PartRecord,
  inputs: JsonObject,
): Promise<PartComparison | null> {
  const question = { member, part, inputs, key: compareKey(part), half: 'compare' } as const
  return readPart(site, runner, { ...question, answerer: (operation) => operation.compare?.bind(operation) })
}
