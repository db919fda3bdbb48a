// Floating addresses: taken from a network outside, led to ports, given back.
import type { JsonObject } from '../../../kernel/json.ts'
import { badProperty, errorState } from '../errors.ts'
import { Reader } from '../reader.ts'
import { changeThing, idOfNamed, readThing, thingsNamed } from '../resource/api.ts'
import { fieldsOf, wantedOf } from '../resource/fields.ts'
import { idOf, type ResourceKind, type Scene, type Thing } from '../resource/kind.ts'
import { relatedOfType } from '../resource/related.ts'
import { networkQuota } from '../resource/validate.ts'
import { networks } from './networks.ts'
import type { Cloud } from '../client/cloud.ts'

export const floatingIps: ResourceKind = {
  word: 'floating IP',
  type: 'floatingip',
  service: 'network',
  path: '/floatingips',
  collection: 'floatingips',
  member: 'floatingip',
  nameField: 'floating_ip_address',
  marking: 'description',
  change: 'PUT',
  async describe(scene) {
    const wanted = wantedOf(scene)
    // Nova's own network called it a pool.
    const named = wanted.text('floating_network_id') ?? wanted.text('floating_network_name') ?? wanted.text('pool')
    const network =
      named === undefined
        ? (await relatedOfType(scene.ctx, networks.type))[0]?.id
        : await idOfNamed(scene.cloud, networks, named)
    if (network === undefined) {
      throw badProperty('resource_config.floating_network_id', 'name the network outside, by id or name')
    }
    return { ...fieldsOf(scene, ['name', 'floating_network_name', 'pool']), floating_network_id: network }
  },
  instead: reallocated,
  attributes: (thing) => ({
    floating_ip_address: thing['floating_ip_address'] ?? null,
    floating_network_id: thing['floating_network_id'] ?? null,
  }),
  quota: networkQuota('floatingip'),
}

// The address that the blueprint asks for, where the project has it already.
async function reallocated({ cloud, settings }: Scene): Promise<Thing | undefined> {
  if (settings.options.boolean('allow_reallocation') !== true) return undefined
  const address = new Reader(settings.resource, 'resource_config').text('floating_ip_address')
  return address === undefined ? undefined : (await thingsNamed(cloud, floatingIps, address))[0]
}

/** Leads it to a port; null: to none. Read back. */
export async function leadTo(
  cloud: Cloud,
  floating: Thing,
  target: { readonly port: string; readonly fixedIp?: string | undefined } | null,
): Promise<Thing> {
  const id = idOf(floatingIps, floating)
  const port = target?.port ?? null
  const fixedIp = target?.fixedIp
  const isThere = floating['port_id'] === port && (fixedIp === undefined || floating['fixed_ip_address'] === fixedIp)
  if (isThere) return floating
  const change: JsonObject = {
    port_id: port,
    ...(fixedIp === undefined ? {} : { fixed_ip_address: fixedIp }),
  }
  await changeThing(cloud, floatingIps, { id, change })
  const now = (await readThing(cloud, floatingIps, id)) ?? {}
  if ((now['port_id'] ?? null) === port) return now
  const reason = `it was led to port ${port ?? 'none'}, and the cloud shows ${String(now['port_id'] ?? 'none')}`
  throw errorState(floatingIps.word, id, String(now['status'] ?? ''), reason)
}
