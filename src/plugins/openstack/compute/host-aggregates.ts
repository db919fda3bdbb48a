// Host aggregates: hosts that belong together; an administrator's things.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { errorState, notCreated } from '../errors.ts'
import { Reader } from '../reader.ts'
import { changeThing, readThing } from '../resource/api.ts'
import { sceneOf } from '../resource/create.ts'
import { namedFieldsOf } from '../resource/fields.ts'
import type { ResourceKind, Scene } from '../resource/kind.ts'
import { argsIn, resourceOperations } from '../resource/operations.ts'
import { isOurs, recordedId } from '../resource/record.ts'

export const hostAggregates: ResourceKind = {
  word: 'host aggregate',
  type: 'host_aggregate',
  service: 'compute',
  path: '/os-aggregates',
  collection: 'aggregates',
  member: 'aggregate',
  // No two have the same name.
  marking: 'newcomer',
  change: 'PUT',
  describe: async (scene) => namedFieldsOf(scene, ['metadata', 'hosts']),
}

/** Those that we put in: only they are taken out before it goes. */
const addedHosts = 'added_hosts'
const name = 'openstack_plugin.resources.compute.host_aggregate'

export const hostAggregateOperations: Readonly<Record<string, PluginOperation>> = {
  ...resourceOperations(name, hostAggregates, {
    list: 'list_aggregates',
    beforeDelete: (scene, id) => removeHosts(scene, id, ownHosts(scene)),
  }),
  [`${name}.configure`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      if (!isOurs(ctx, scene.settings)) return
      const { options } = scene.settings
      await setMetadata(scene.cloud, aggregateOf(scene), options.below('metadata').values)
      await addHosts(scene, aggregateOf(scene), options.texts('hosts'))
    },
  }),
  [`${name}.update`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const { metadata, hosts, ...change } = argsIn(inputs, 'args')
      const id = aggregateOf(scene)
      if (Object.keys(change).length > 0) await changeThing(scene.cloud, hostAggregates, { id, change })
      await setMetadata(scene.cloud, id, metadata !== undefined && isJsonObject(metadata) ? metadata : {})
      await addHosts(scene, id, new Reader({ hosts: hosts ?? null }, 'args').texts('hosts'))
    },
  }),
  [`${name}.add_hosts`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      await addHosts(scene, aggregateOf(scene), new Reader(inputs).texts('hosts'))
    },
  }),
  [`${name}.remove_hosts`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      await removeHosts(scene, aggregateOf(scene), new Reader(inputs).texts('hosts'))
    },
  }),
}

function aggregateOf({ ctx }: Scene): string {
  const id = recordedId(ctx)
  if (id === undefined) throw notCreated(hostAggregates.word)
  return id
}

async function setMetadata(cloud: Cloud, id: string, metadata: JsonObject): Promise<void> {
  if (Object.keys(metadata).length === 0) return
  // Nova takes texts alone; null takes one away.
  const texts = Object.fromEntries(
    Object.entries(metadata).map(([key, value]): [string, Json] => [key, value === null ? null : String(value)]),
  )
  await act(cloud, id, { set_metadata: { metadata: texts } })
}

async function addHosts(scene: Scene, id: string, hosts: readonly string[]): Promise<void> {
  const there = await hostsOf(scene.cloud, id)
  for (const host of hosts.filter((one) => !there.includes(one))) {
    scene.ctx.instance.runtimeProperties[addedHosts] = [...new Set([...ownHosts(scene), host])]
    await scene.ctx.save()
    await act(scene.cloud, id, { add_host: { host } })
  }
  await requireHosts(scene.cloud, id, hosts, true)
}

async function removeHosts(scene: Scene, id: string, hosts: readonly string[]): Promise<void> {
  const there = await hostsOf(scene.cloud, id)
  for (const host of hosts.filter((one) => there.includes(one))) await act(scene.cloud, id, { remove_host: { host } })
  await requireHosts(scene.cloud, id, hosts, false)
  scene.ctx.instance.runtimeProperties[addedHosts] = ownHosts(scene).filter((one) => !hosts.includes(one))
}

async function requireHosts(cloud: Cloud, id: string, hosts: readonly string[], isWanted: boolean): Promise<void> {
  if (hosts.length === 0) return
  const now = await hostsOf(cloud, id)
  if (hosts.every((one) => now.includes(one) === isWanted)) return
  throw errorState(hostAggregates.word, id, '', `its hosts are ${now.join(', ') || 'none'} after we changed them`)
}

async function hostsOf(cloud: Cloud, id: string): Promise<readonly string[]> {
  return new Reader((await readThing(cloud, hostAggregates, id)) ?? {}).texts('hosts')
}

async function act(cloud: Cloud, id: string, body: JsonObject): Promise<void> {
  await cloud.request({ service: 'compute', method: 'POST', path: pathOf`/os-aggregates/${id}/action`, body })
}

function ownHosts({ ctx }: Scene): readonly string[] {
  return new Reader(ctx.instance.runtimeProperties).texts(addedHosts)
}
