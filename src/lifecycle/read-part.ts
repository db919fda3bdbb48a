// Asks the operation that made a part of a recovery point about that part, as a durable step that changes nothing.
import type { Json, JsonObject } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { CutOperation, Part } from '../plugins/contract/operation.ts'
import type { PartRecord } from '../plugins/contract/workflow.ts'
import { madeBy } from './made-by.ts'
import type { OperationRunner } from './operation-runner.ts'
import { snapshotCreate } from './operations.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

export interface PartQuestion<Answer> {
  readonly member: Instance
  readonly part: PartRecord
  readonly inputs: JsonObject
  /** Of the step. */
  readonly key: string
  readonly half: 'verify' | 'compare'
  /** How the operation answers; undefined when it does not. */
  answerer(operation: CutOperation): ((ctx: OperationContext, part: Part) => Promise<Answer>) | undefined
}

/** null: what made the part answers no such question, or is not what the blueprint names today. */
export async function readPart<Answer>(
  site: Site,
  runner: OperationRunner,
  { member, part, inputs, key, half, answerer }: PartQuestion<Answer>,
): Promise<Answer | null> {
  const { planned, operation } = madeBy(site, member, part) ?? {}
  const answer = operation && answerer(operation)
  if (!planned || !answer) return null
  const found = await runner.run({
    key,
    half,
    member,
    operation: snapshotCreate,
    planned,
    part: part.result,
    inputs,
    title: null,
    signal: site.signal,
    perform: async (_operation, ctx) => (await answer(ctx, part.result as unknown as Part)) as unknown as Json,
  })
  return found as unknown as Answer
}
