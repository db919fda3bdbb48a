// Ports: in the network, with the addresses and security groups that the blueprint and its relationships name.
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { badProperty } from '../errors.ts'
import { Reader } from '../reader.ts'
import { idOfNamed, readThing } from '../resource/api.ts'
import { namedFieldsOf, wantedOf } from '../resource/fields.ts'
import type { ResourceKind, Scene, Thing } from '../resource/kind.ts'
import { relatedOfType } from '../resource/related.ts'
import { networkQuota } from '../resource/validate.ts'
import { networkOf, subnets } from './networks.ts'
import { securityGroups } from './security-groups.ts'

export const ports: ResourceKind = {
  word: 'port',
  type: 'port',
  service: 'network',
  path: '/ports',
  collection: 'ports',
  member: 'port',
  marking: 'description',
  change: 'PUT',
  async describe(scene) {
    const { allowed_address_pairs: pairs, ...fields } = namedFieldsOf(scene)
    const related = await relatedOfType(scene.ctx, subnets.type)
    const network = (await networkOf(scene)) ?? (await networkOfSubnet(scene, related[0]?.id))
    if (network === undefined) {
      throw badProperty('resource_config.network_id', 'name the network, or let a relationship lead to it')
    }
    const addresses = addressesOf(
      scene,
      related.map(({ id }) => id),
    )
    const groups = await groupsOf(scene)
    return {
      ...fields,
      // Not everybody may set them, and an empty list says nothing.
      ...(Array.isArray(pairs) && pairs.length > 0 ? { allowed_address_pairs: pairs } : {}),
      network_id: network,
      ...(addresses === undefined ? {} : { fixed_ips: addresses }),
      ...(groups === undefined ? {} : { security_groups: groups }),
    }
  },
  attributes: (port) => ({
    mac_address: port['mac_address'] ?? null,
    fixed_ips: port['fixed_ips'] ?? [],
    ip_address: firstAddress(port) ?? null,
    fixed_ip_address: firstAddress(port) ?? null,
    network_id: port['network_id'] ?? null,
  }),
  quota: networkQuota('port'),
}

/** The first that it has; IPv4 before others. */
export function firstAddress(port: Thing): string | undefined {
  const all = new Reader(port).list('fixed_ips').flatMap((one) => one.text('ip_address') ?? [])
  return all.find((one) => !one.includes(':')) ?? all[0]
}

async function networkOfSubnet({ cloud }: Scene, subnet: string | undefined): Promise<string | undefined> {
  const found = subnet === undefined ? undefined : await readThing(cloud, subnets, subnet)
  return found && new Reader(found).text('network_id')
}

// `fixed_ip` is one address in the first of the subnets, or wherever it fits.
function addressesOf(scene: Scene, subnetIds: readonly string[]): Json[] | undefined {
  const given = wantedOf(scene).list('fixed_ips')
  const fixed = scene.settings.options.text('fixed_ip')
  if (given.length > 0) return given.map(({ values }) => values)
  if (subnetIds.length === 0) return fixed === undefined ? undefined : [{ ip_address: fixed }]
  return subnetIds.map((id, index): JsonObject => ({
    subnet_id: id,
    ...(index === 0 && fixed !== undefined ? { ip_address: fixed } : {}),
  }))
}

async function groupsOf(scene: Scene): Promise<string[] | undefined> {
  const wanted = wantedOf(scene)
  const related = (await relatedOfType(scene.ctx, securityGroups.type)).map(({ id }) => id)
  const named: string[] = []
  for (const one of wanted.texts('security_groups')) named.push(await idOfNamed(scene.cloud, securityGroups, one))
  // An empty list is an answer, too: none.
  return wanted.has('security_groups') || related.length > 0 ? [...new Set([...named, ...related])] : undefined
}
