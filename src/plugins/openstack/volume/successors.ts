// Volumes that stand for others: a server that boots from a volume boots from another one after a restore, and that is what
// the volume's node means from then on. All of them go with the node.
import type { OperationContext } from '../../contract/context.ts'
import type { Cloud } from '../client/cloud.ts'
import { markNames } from '../mark.ts'
import { allVolumes, findVolume, type VolumeView } from './views.ts'

/** In the metadata of the one that stands for another: whose place it took. */
const standsFor = 'fermata_stands_for'
const property = 'volumes_before'

type Node = Pick<OperationContext, 'instance' | 'deployment' | 'save' | 'log'>

/** For who makes one. */
export function inPlaceOf(volumeId: string): { readonly [standsFor]: string } {
  return { [standsFor]: volumeId }
}

/** The one that a server has by now; the node's own when that is attached, or none stands for it. */
export async function heirOf({ instance }: Pick<Node, 'instance'>, cloud: Cloud, id: string): Promise<string> {
  const own = await findVolume(cloud, id)
  if (own !== undefined && own.attachments.length > 0) return id
  const all = await successorsOf(cloud, [id, ...before({ instance })])
  return all.find(({ attachments }) => attachments.length > 0)?.id ?? id
}

/** The same, and the node knows it from then on. */
export async function adoptHeir(ctx: Node, cloud: Cloud, id: string): Promise<string> {
  const heir = await heirOf(ctx, cloud, id)
  if (heir === id) return id
  const known = ctx.instance.runtimeProperties
  known[property] = [...new Set([...before(ctx), id])].filter((one) => one !== heir)
  known['id'] = heir
  await ctx.save()
  ctx.log.info(`Volume ${heir} has taken the place of ${id} since its server was restored`)
  return heir
}

/** All that ever had the node's place in this deployment and are still there, but the one that has it now. */
export async function othersOf(
  ctx: Pick<Node, 'instance' | 'deployment'>,
  cloud: Cloud,
  id: string,
): Promise<readonly VolumeView[]> {
  const known = before(ctx)
  const heirs = (await successorsOf(cloud, [id, ...known])).filter(({ metadata }) =>
    String(metadata[markNames.node]).startsWith(`${ctx.deployment.id}/`),
  )
  const earlier = await Promise.all(known.map((one) => findVolume(cloud, one)))
  const all = [...earlier.filter((one) => one !== undefined), ...heirs]
  return [...new Map(all.map((one) => [one.id, one])).values()].filter((one) => one.id !== id)
}

export function forgetOthers({ instance }: Pick<Node, 'instance'>): void {
  delete instance.runtimeProperties[property]
}

function before({ instance }: Pick<Node, 'instance'>): readonly string[] {
  const ids = instance.runtimeProperties[property]
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []
}

async function successorsOf(cloud: Cloud, ids: readonly string[]): Promise<readonly VolumeView[]> {
  const found = new Map<string, VolumeView>()
  const asked = [...ids]
  // What stands for one that stood for another is found as well: the list grows.
  for (const id of asked) {
    const query = { metadata: JSON.stringify(inPlaceOf(id)) }
    for await (const volume of allVolumes(cloud, query)) {
      if (volume.metadata[standsFor] !== id || found.has(volume.id) || asked.includes(volume.id)) continue
      found.set(volume.id, volume)
      asked.push(volume.id)
    }
  }
  return [...found.values()]
}
