// The other ends of a node's relationships, as the cloud knows them: by what their instances have on record.
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'

export interface Related {
  readonly name: string
  /** `compute#network`, `compute#disk`: what kind of thing it is. */
  readonly kind: string
  readonly selfLink: string
  readonly attributes: JsonObject
}

const asked = ['kind', 'name', 'selfLink', 'gcp_disk', 'address', 'network', 'tag']

/** Those that exist in the cloud, in the order of the blueprint. `kinds`: none means all. */
export async function relatedTo(
  ctx: Pick<OperationContext, 'instance' | 'evaluate'>,
  ...kinds: readonly string[]
): Promise<readonly Related[]> {
  const found: Related[] = []
  for (const { targetId, targetNodeId } of ctx.instance.relationships) {
    const all = await ctx.evaluate({ get_attributes_dict: [targetNodeId, ...asked] })
    const known = isJsonObject(all) ? all[targetId] : undefined
    if (known === undefined || !isJsonObject(known)) continue
    const { kind, name, selfLink = '' } = known
    if (typeof kind !== 'string' || typeof name !== 'string') continue
    if (kinds.length > 0 && !kinds.includes(kind)) continue
    found.push({ kind, name, selfLink: typeof selfLink === 'string' ? selfLink : '', attributes: known })
  }
  return found
}
