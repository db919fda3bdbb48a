// Server groups: which servers shall, or shall not, share a host.
import type { Cloud } from '../client/cloud.ts'
import { Reader } from '../reader.ts'
import { namedFieldsOf, wantedOf } from '../resource/fields.ts'
import type { ResourceKind } from '../resource/kind.ts'
import { resourceOperations } from '../resource/operations.ts'
import { countedQuota } from '../resource/validate.ts'

/** From here on a group has one policy, and no list of them. */
const onePolicy = '2.64'

export const serverGroups: ResourceKind = {
  word: 'server group',
  type: 'server_group',
  service: 'compute',
  path: '/os-server-groups',
  collection: 'server_groups',
  member: 'server_group',
  marking: 'newcomer',
  microversion: versionOf,
  async describe(scene) {
    const { policies: _policies, policy: _policy, ...fields } = namedFieldsOf(scene)
    const wanted = wantedOf(scene)
    const [first = 'anti-affinity'] = [
      ...wanted.texts('policies'),
      ...wanted.texts('policy'),
      ...scene.settings.options.texts('policy'),
    ]
    const policy = (await versionOf(scene.cloud)) === undefined ? { policies: [first] } : { policy: first }
    return { ...fields, ...policy }
  },
  isLike: (thing, wanted) => policyOf(new Reader(thing)) === policyOf(new Reader(wanted)),
  quota: countedQuota('maxServerGroups', () => serverGroups),
}

export const serverGroupOperations = resourceOperations(
  'openstack_plugin.resources.compute.server_group',
  serverGroups,
  { list: 'list_server_groups' },
)

async function versionOf(cloud: Cloud): Promise<string | undefined> {
  return (await cloud.supports('compute', onePolicy)) ? onePolicy : undefined
}

function policyOf(from: Reader): string | undefined {
  return from.text('policy') ?? from.texts('policies')[0]
}
