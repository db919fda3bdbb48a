// The other ends of a node's relationships, as the cloud knows them: by what their instances have on record.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext, RelationshipView } from '../../contract/context.ts'
import { Reader } from '../reader.ts'

export interface Related {
  readonly relationship: RelationshipView
  /** In the cloud. */
  readonly id: string
  readonly name: string
  /** `network`, `server`: what kind of thing it is. */
  readonly type: string
  readonly attributes: JsonObject
}

const asked = ['id', 'name', 'type', 'external_id', 'external_name', 'external_type']

/** Those that exist in the cloud, in the order of the blueprint. */
export async function relatedTo(
  ctx: Pick<OperationContext, 'instance' | 'evaluate'>,
  attributes: readonly string[] = [],
): Promise<readonly Related[]> {
  const found: Related[] = []
  for (const relationship of ctx.instance.relationships) {
    const { targetId, targetNodeId } = relationship
    const all = await ctx.evaluate({ get_attributes_dict: [targetNodeId, ...asked, ...attributes] })
    const known = isJsonObject(all) ? all[targetId] : undefined
    if (known === undefined || !isJsonObject(known)) continue
    const from = new Reader(textual(known, asked))
    const id = from.text('id') ?? from.text('external_id')
    if (id === undefined) continue
    found.push({
      relationship,
      id,
      name: from.text('name') ?? from.text('external_name') ?? '',
      type: from.text('type') ?? from.text('external_type') ?? '',
      attributes: known,
    })
  }
  return found
}

// Nodes of other plugins may call something else so.
function textual(values: JsonObject, names: readonly string[]): JsonObject {
  const entries = names.map((name): [string, Json] => [name, values[name] ?? null])
  return Object.fromEntries(entries.filter(([, value]) => typeof value === 'string' || typeof value === 'number'))
}

export async function relatedOfType(
  ctx: Pick<OperationContext, 'instance' | 'evaluate'>,
  type: string,
): Promise<readonly Related[]> {
  return (await relatedTo(ctx)).filter((one) => one.type === type)
}
