// Volumes and types of volumes as plain resources: what they are made of, and when they can be used.
import type { JsonObject } from '../../../kernel/json.ts'
import type { Cloud } from '../client/cloud.ts'
import { fieldsOf, namedFieldsOf, wantedOf } from '../resource/fields.ts'
import { idOf, type ResourceKind, type Room, type Scene } from '../resource/kind.ts'
import { imageIdOf } from '../server/image-named.ts'
import { copyLimit, untilVolume } from './status.ts'

/** From it on a volume can be made of a backup. */
const newestMade = '3.47'

export const volumes: ResourceKind = {
  word: 'volume',
  type: 'volume',
  service: 'volume',
  path: '/volumes',
  listPath: '/volumes/detail',
  collection: 'volumes',
  member: 'volume',
  marking: 'metadata',
  microversion: (cloud) => cloud.bestVersion('volume', newestMade),
  describe: async (scene) => ({
    ...namedFieldsOf(scene, ['project_id', 'size']),
    ...sizeOf(scene),
    ...(await imageIn(scene)),
  }),
  async ready({ cloud, ctx, settings }, volume) {
    const id = idOf(volumes, volume)
    // It may be filled from an image, a snapshot, another volume or a backup.
    const deadline = copyLimit(sizeIn(volume), settings.options.seconds('copy_timeout'))
    const ready = await untilVolume(cloud, id, { wanted: ['available', 'in-use'], deadline })
    ctx.log.debug(`Volume ${id} is ${ready.status}`)
    return { ...volume, ...ready } as unknown as JsonObject
  },
  attributes: ({ availability_zone: zone = null, bootable }) => ({
    availability_zone: zone,
    bootable: bootable === 'true' || bootable === true,
  }),
  quota: volumeQuota,
}

export const volumeTypes: ResourceKind = {
  word: 'volume type',
  type: 'volume_type',
  service: 'volume',
  path: '/types',
  collection: 'volume_types',
  member: 'volume_type',
  marking: 'description',
  // Also those that only some may see.
  listQuery: { is_public: 'None' },
  describe: async (scene) => namedFieldsOf(scene, ['project_id']),
}

const sources = ['snapshot_id', 'source_volid', 'backup_id'] as const

// Without one, what it is made of decides.
function sizeOf(scene: Scene): { readonly size?: number } {
  const wanted = wantedOf(scene)
  const size = wanted.integer('size', 1)
  if (size !== undefined) return { size }
  if (sources.some((name) => name in fieldsOf(scene))) return {}
  throw wanted.bad('size', 'it is missing')
}

// Blueprints name it, and not every Cinder knows images by their names.
async function imageIn(scene: Scene): Promise<{ readonly imageRef?: string }> {
  const named = wantedOf(scene).text('imageRef')
  return named === undefined ? {} : { imageRef: await imageIdOf(scene.cloud, named) }
}

function sizeIn({ size }: JsonObject): number {
  return typeof size === 'number' ? size : 1
}

async function volumeQuota(cloud: Cloud): Promise<Room | undefined> {
  const body = await cloud.find<{
    readonly limits?: { readonly absolute?: Readonly<Record<string, number | undefined>> }
  }>({ service: 'volume', path: '/limits' })
  const { maxTotalVolumes: limit, totalVolumesUsed: used } = body?.limits?.absolute ?? {}
  return limit === undefined || used === undefined ? undefined : { limit, used }
}
