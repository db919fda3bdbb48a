// What a project has beside itself: who may do what in it, and how much it may hold.
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { pathOf, type Cloud, type ServiceName } from '../client/cloud.ts'
import { badProperty, notCreated } from '../errors.ts'
import type { Reader } from '../reader.ts'
import { idOfNamed } from '../resource/api.ts'
import { sceneOf } from '../resource/create.ts'
import type { ResourceKind, Scene } from '../resource/kind.ts'
import { argsIn } from '../resource/operations.ts'
import { isOurs, recordedId } from '../resource/record.ts'
import { groups, projects, roles, users } from './kinds.ts'

const quotas: Readonly<Record<string, { readonly service: ServiceName; readonly member: string }>> = {
  compute: { service: 'compute', member: 'quota_set' },
  volume: { service: 'volume', member: 'quota_set' },
  network: { service: 'network', member: 'quota' },
}

const name = 'openstack_plugin.resources.identity.project'

export const projectOperations: Readonly<Record<string, PluginOperation>> = {
  [`${name}.start`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const id = projectOf(scene)
      if (!isOurs(ctx, scene.settings)) return
      const { options } = scene.settings
      for (const user of options.list('users')) await assign(scene, id, users, user)
      for (const group of options.list('groups')) await assign(scene, id, groups, group)
      await setQuota(scene.cloud, id, { ...options.below('quota').values, ...argsIn(inputs, 'quota_dict') })
    },
  }),
  [`${name}.get_project_quota`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const found: Record<string, JsonObject> = {}
      for (const kind of Object.keys(quotas)) {
        const quota = await readQuota(scene.cloud, projectOf(scene), kind)
        if (quota !== undefined) found[kind] = quota
      }
      ctx.instance.runtimeProperties['quota'] = found
      return found
    },
  }),
  [`${name}.update_project_quota`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      await setQuota(scene.cloud, projectOf(scene), argsIn(inputs, 'quota'))
    },
  }),
}

function projectOf({ ctx, settings }: Scene): string {
  const id = recordedId(ctx) ?? settings.resourceId
  if (id === undefined) throw notCreated(projects.word)
  return id
}

// Saying it twice is no error to Keystone.
async function assign({ cloud, ctx }: Scene, project: string, kind: ResourceKind, member: Reader): Promise<void> {
  const who = await idOfNamed(cloud, kind, member.required('name', member.text))
  const wanted = member.texts('roles')
  if (wanted.length === 0) throw member.bad('roles', 'name at least one')
  for (const role of wanted) {
    const id = await idOfNamed(cloud, roles, role)
    const path = `${pathOf`/projects/${project}`}${kind.path}${pathOf`/${who}/roles/${id}`}`
    await cloud.request({ service: 'identity', method: 'PUT', path })
  }
  ctx.log.info(`The ${kind.word} ${who} has the roles ${wanted.join(', ')} in project ${project}`)
}

async function setQuota(cloud: Cloud, project: string, wanted: JsonObject): Promise<void> {
  for (const [kind, quota] of Object.entries(wanted)) {
    const where = quotas[kind]
    if (where === undefined || !isJsonObject(quota)) {
      throw badProperty(`quota.${kind}`, `expected mappings under ${Object.keys(quotas).join(', ')}`)
    }
    const path = quotaPath(where.service, project)
    await cloud.request({ service: where.service, method: 'PUT', path, body: { [where.member]: quota } })
    const now = await readQuota(cloud, project, kind)
    const wrong = Object.entries(quota).find(([key, value]) => Number(now?.[key]) !== Number(value))
    if (wrong !== undefined)
      throw badProperty(`quota.${kind}.${wrong[0]}`, `the cloud keeps ${String(now?.[wrong[0]])}`)
  }
}

async function readQuota(cloud: Cloud, project: string, kind: string): Promise<JsonObject | undefined> {
  const where = quotas[kind]
  if (where === undefined || !cloud.offers(where.service)) return undefined
  const body = await cloud.find<JsonObject>({ service: where.service, path: quotaPath(where.service, project) })
  const quota = body?.[where.member]
  return quota !== undefined && isJsonObject(quota) ? quota : undefined
}

function quotaPath(service: ServiceName, project: string): string {
  return service === 'network' ? pathOf`/quotas/${project}` : pathOf`/os-quota-sets/${project}`
}
