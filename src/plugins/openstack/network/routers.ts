// Routers: the network outside that they lead to, and the ports by which they stand in subnets.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { Cloud } from '../client/cloud.ts'
import { Reader } from '../reader.ts'
import { idOfNamed, readThing } from '../resource/api.ts'
import { namedFieldsOf } from '../resource/fields.ts'
import type { ResourceKind, Scene } from '../resource/kind.ts'
import { relatedOfType } from '../resource/related.ts'
import { networkQuota } from '../resource/validate.ts'
import { networks } from './networks.ts'

export const routers: ResourceKind = {
  word: 'router',
  type: 'router',
  service: 'network',
  path: '/routers',
  collection: 'routers',
  member: 'router',
  marking: 'description',
  change: 'PUT',
  async describe(scene) {
    const { external_gateway_info: info, ...fields } = namedFieldsOf(scene, ['routes'])
    const gateway = await gatewayOf(scene, info)
    return { ...fields, ...(gateway === undefined ? {} : { external_gateway_info: gateway }) }
  },
  quota: networkQuota('router'),
}

// Said in full, or as a name, or by a relationship to a network that is outside.
async function gatewayOf(scene: Scene, info: Json | undefined): Promise<JsonObject | undefined> {
  const { cloud, ctx, settings } = scene
  const given = info !== undefined && isJsonObject(info) ? new Reader(info, 'external_gateway_info') : undefined
  const named = given?.text('network_id') ?? given?.text('network_name') ?? settings.options.text('external_network')
  if (named !== undefined) {
    const { network_name: _name, ...rest } = given?.values ?? {}
    return { ...rest, network_id: await idOfNamed(cloud, networks, named) }
  }
  for (const { id } of await relatedOfType(ctx, networks.type)) {
    const network = await readThing(cloud, networks, id)
    if (network?.['router:external'] === true) return { ...given?.values, network_id: id }
  }
  return given?.values
}

/** The port by which a router stands in a subnet, or that was given to it. */
export async function interfaceOf(
  cloud: Cloud,
  router: string,
  by: { readonly port: string } | { readonly subnet: string },
): Promise<string | undefined> {
  const request = { service: 'network', path: '/ports', query: { device_id: router } } as const
  for await (const port of cloud.pages<JsonObject>(request, 'ports')) {
    const from = new Reader(port)
    const owner = from.text('device_owner') ?? ''
    if (
      from.text('device_id') !== router ||
      !/^network:(router_interface|ha_router_replicated_interface)/.test(owner)
    ) {
      continue
    }
    const id = from.text('id')
    const isIt = 'port' in by ? id === by.port : from.list('fixed_ips').some((ip) => ip.text('subnet_id') === by.subnet)
    if (isIt) return id
  }
  return undefined
}
