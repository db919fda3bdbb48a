// Zones of names and the records in them, by Designate.
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import type { Cloud } from '../client/cloud.ts'
import { pathOf } from '../client/cloud.ts'
import { badProperty, missing } from '../errors.ts'
import { Reader } from '../reader.ts'
import { idOfNamed, readThing } from '../resource/api.ts'
import { createResource, sceneOf } from '../resource/create.ts'
import { deleteResource } from '../resource/delete.ts'
import { namedFieldsOf, wantedOf } from '../resource/fields.ts'
import { idOf, type ResourceKind, type Scene, type Thing } from '../resource/kind.ts'
import { resourceOperations, withArgs } from '../resource/operations.ts'
import { relatedOfType } from '../resource/related.ts'
import { untilStatus } from '../wait.ts'

const zones: ResourceKind = {
  word: 'zone',
  type: 'zone',
  service: 'dns',
  path: '/zones',
  collection: 'zones',
  member: null,
  marking: 'description',
  describe: async (scene) => {
    const { masters, ...fields } = namedFieldsOf(scene)
    const all = Array.isArray(masters) ? masters : typeof masters === 'string' ? masters.split(/[\s,]+/) : undefined
    return all === undefined ? fields : { ...fields, masters: all }
  },
  ready: ({ cloud }, zone) => untilActive(cloud, zones, idOf(zones, zone)),
}

/** Records live below their zone, so that each zone has a kind of its own. */
const recordsIn = (zone: string): ResourceKind => ({
  word: 'record set',
  type: 'record_set',
  service: 'dns',
  path: pathOf`/zones/${zone}/recordsets`,
  collection: 'recordsets',
  member: null,
  marking: 'description',
  describe: async (scene) => namedFieldsOf(scene, ['zone_id']),
  ready: ({ cloud }, record) => untilActive(cloud, recordsIn(zone), idOf(zones, record)),
  attributes: () => ({ zone_id: zone }),
})

const name = (kind: string): string => `openstack_plugin.resources.dns_service.${kind}`

export const dnsOperations: Readonly<Record<string, PluginOperation>> = {
  ...resourceOperations(name('zone'), zones),
  [`${name('record_set')}.create`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, withArgs(inputs))
      await createResource(scene, recordsIn(await zoneOf(scene)))
    },
  }),
  [`${name('record_set')}.delete`]: operation({
    async run(ctx, inputs) {
      await deleteResource(ctx, recordsIn(knownZone(ctx) ?? ''), inputs)
      delete ctx.instance.runtimeProperties['zone_id']
    },
  }),
}

// On record together with the record's own id.
function knownZone({ instance }: Pick<OperationContext, 'instance'>): string | undefined {
  return new Reader(instance.runtimeProperties).text('zone_id')
}

async function zoneOf(scene: Scene): Promise<string> {
  const known = knownZone(scene.ctx)
  if (known !== undefined) return known
  const named = wantedOf(scene).text('zone_id')
  if (named !== undefined) return idOfNamed(scene.cloud, zones, named)
  const [related] = await relatedOfType(scene.ctx, zones.type)
  if (related !== undefined) return related.id
  throw badProperty('resource_config.zone_id', 'name the zone, or let a relationship lead to it')
}

async function untilActive(cloud: Cloud, kind: ResourceKind, id: string): Promise<Thing> {
  return untilStatus(cloud, () => present(cloud, kind, id), {
    kind: kind.word,
    id,
    wanted: ['ACTIVE'],
    status: (thing: JsonObject) => String(thing['status'] ?? ''),
  })
}

async function present(cloud: Cloud, kind: ResourceKind, id: string): Promise<Thing> {
  const thing = await readThing(cloud, kind, id)
  if (thing === undefined) throw missing(kind.word, id)
  return thing
}
