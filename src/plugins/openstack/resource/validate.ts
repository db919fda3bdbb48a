// validation.creation: says, without changing anything, what creating a resource would be refused for.
import { fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { pathOf } from '../client/cloud.ts'
import { listThings } from './api.ts'
import { externalThing } from './create.ts'
import type { Quota, ResourceKind, Room, Scene } from './kind.ts'

/** @throws Fault `openstack.quota`, `openstack.missing`, `openstack.bad_property` */
export async function validateCreation(scene: Scene, kind: ResourceKind): Promise<void> {
  const { ctx, cloud, settings } = scene
  if (settings.isExternal && (await externalThing(scene, kind)) !== undefined) return
  const room = await kind.quota?.(cloud)
  if (room === undefined) {
    ctx.log.debug(`The cloud has no quota for the ${kind.word}`)
    return
  }
  if (room.limit >= 0 && room.used >= room.limit) {
    const message = `the project has used ${room.used} of ${room.limit}`
    throw fault('openstack.quota', { details: { call: `one more ${kind.word}`, message }, effect: 'none' })
  }
}

/** Neutron's, with what is used of it. `name`: as Neutron calls it. */
export const networkQuota =
  (name: string): Quota =>
  async (cloud) => {
    const path = pathOf`/quotas/${cloud.projectId}/details`
    const body = await cloud.find<{ readonly quota?: JsonObject }>({ service: 'network', path })
    return figures(body?.quota?.[name], 'limit', 'used')
  }

/** Nova tells a limit, and leaves it to us to count. */
export const countedQuota =
  (limitName: string, kind: () => ResourceKind): Quota =>
  async (cloud) => {
    const body = await cloud.find<{ readonly limits?: { readonly absolute?: JsonObject } }>({
      service: 'compute',
      path: '/limits',
    })
    const limit = body?.limits?.absolute?.[limitName]
    if (typeof limit !== 'number') return undefined
    let used = 0
    for await (const _thing of listThings(cloud, kind())) used += 1
    return { limit, used }
  }

function figures(value: Json | undefined, limitName: string, usedName: string): Room | undefined {
  if (value === undefined || !isJsonObject(value)) return undefined
  const [limit, used] = [value[limitName], value[usedName]]
  return typeof limit === 'number' && typeof used === 'number' ? { limit, used } : undefined
}
