// Flavors: sizes of servers; an administrator's things.
import type { JsonObject } from '../../../kernel/json.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { Fault } from '../../../kernel/fault.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { badProperty, notCreated } from '../errors.ts'
import { sceneOf } from '../resource/create.ts'
import { namedFieldsOf } from '../resource/fields.ts'
import { idOf, type ResourceKind } from '../resource/kind.ts'
import { argsIn, resourceOperations } from '../resource/operations.ts'
import { isOurs, recordedId } from '../resource/record.ts'

export const flavors: ResourceKind = {
  word: 'flavor',
  type: 'flavor',
  service: 'compute',
  path: '/flavors',
  listPath: '/flavors/detail',
  listQuery: { is_public: 'none' },
  collection: 'flavors',
  member: 'flavor',
  // No two have the same name.
  marking: 'newcomer',
  async describe(scene) {
    const { is_public: isPublic, ...fields } = namedFieldsOf(scene, ['extra_specs', 'tenants'])
    const isShared = scene.settings.options.texts('tenants').length === 0
    return { disk: 0, ...fields, 'os-flavor-access:is_public': isPublic ?? isShared }
  },
  isLike: (thing, wanted) => ['ram', 'disk', 'vcpus'].every((name) => thing[name] === wanted[name]),
}

const name = 'openstack_plugin.resources.compute.flavor'

export const flavorOperations: Readonly<Record<string, PluginOperation>> = {
  ...resourceOperations(name, flavors, {
    list: 'list_flavors',
    async afterCreate({ ctx, cloud, settings }, flavor) {
      if (!isOurs(ctx, settings)) return
      const id = idOf(flavors, flavor)
      await setSpecs(cloud, id, settings.options.below('extra_specs').values)
      for (const tenant of settings.options.texts('tenants')) await admit(cloud, id, tenant)
    },
  }),
  [`${name}.update`]: operation({
    async run(ctx, inputs) {
      const { extra_specs: specs, tenants, ...rest } = argsIn(inputs, 'args')
      const [unknown] = Object.keys(rest)
      if (unknown !== undefined) throw badProperty(`args.${unknown}`, 'no cloud can change that of a flavor')
      const id = recordedId(ctx)
      if (id === undefined) throw notCreated(flavors.word)
      const { cloud } = await sceneOf(ctx, inputs)
      await setSpecs(cloud, id, argsIn({ specs: specs ?? {} }, 'specs'))
      for (const tenant of Array.isArray(tenants) ? tenants : []) await admit(cloud, id, String(tenant))
    },
  }),
}

async function setSpecs(cloud: Cloud, flavor: string, specs: JsonObject): Promise<void> {
  if (Object.keys(specs).length === 0) return
  const texts = Object.fromEntries(Object.entries(specs).map(([key, value]) => [key, String(value)]))
  const path = pathOf`/flavors/${flavor}/os-extra_specs`
  await cloud.request({ service: 'compute', method: 'POST', path, body: { extra_specs: texts } })
}

async function admit(cloud: Cloud, flavor: string, tenant: string): Promise<void> {
  const request = { service: 'compute', method: 'POST', path: pathOf`/flavors/${flavor}/action` } as const
  await cloud.request({ ...request, body: { addTenantAccess: { tenant } } }).catch((thrown: unknown) => {
    // It has been admitted already.
    if (!(thrown instanceof Fault) || thrown.code !== 'openstack.conflict') throw thrown
  })
}
