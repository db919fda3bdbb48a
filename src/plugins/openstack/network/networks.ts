// Networks, and the subnets in them.
import type { ResourceKind, Scene } from '../resource/kind.ts'
import { idOfNamed } from '../resource/api.ts'
import { fieldsOf, namedFieldsOf, wantedOf } from '../resource/fields.ts'
import { relatedOfType } from '../resource/related.ts'
import { networkQuota } from '../resource/validate.ts'
import { badProperty } from '../errors.ts'

export const networks: ResourceKind = {
  word: 'network',
  type: 'network',
  service: 'network',
  path: '/networks',
  collection: 'networks',
  member: 'network',
  marking: 'description',
  change: 'PUT',
  describe: async (scene) => namedFieldsOf(scene),
  quota: networkQuota('network'),
}

export const subnets: ResourceKind = {
  word: 'subnet',
  type: 'subnet',
  service: 'network',
  path: '/subnets',
  collection: 'subnets',
  member: 'subnet',
  marking: 'description',
  change: 'PUT',
  async describe(scene) {
    const network = await networkOf(scene)
    if (network === undefined) {
      throw badProperty('resource_config.network_id', 'name the network, or let a relationship lead to it')
    }
    const version = wantedOf(scene).integer('ip_version', 4, 6) ?? (hasColons(scene) ? 6 : 4)
    return { ...namedFieldsOf(scene), network_id: network, ip_version: version }
  },
  quota: networkQuota('subnet'),
}

/** Named by the blueprint, by name or id, or else the one that a relationship leads to. */
export async function networkOf(scene: Scene): Promise<string | undefined> {
  const named = wantedOf(scene).text('network_id')
  if (named !== undefined) return idOfNamed(scene.cloud, networks, named)
  return (await relatedOfType(scene.ctx, networks.type))[0]?.id
}

function hasColons(scene: Scene): boolean {
  return String(fieldsOf(scene)['cidr'] ?? '').includes(':')
}
