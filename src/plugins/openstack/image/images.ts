// Images: a record first, then its file, from beside the blueprint, from this machine, or fetched by the cloud itself.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '../../../kernel/json.ts'
import { seconds } from '../../../kernel/duration.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { badProperty, missing, notCreated } from '../errors.ts'
import { pathOfThing, readThing } from '../resource/api.ts'
import { sceneOf } from '../resource/create.ts'
import { namedFieldsOf } from '../resource/fields.ts'
import type { ResourceKind, Scene, Thing } from '../resource/kind.ts'
import { argsIn, resourceOperations } from '../resource/operations.ts'
import { isOurs, recordedId, remember } from '../resource/record.ts'
import { untilStatus } from '../wait.ts'

export const images: ResourceKind = {
  word: 'image',
  type: 'image',
  service: 'image',
  path: '/images',
  collection: 'images',
  member: null,
  marking: 'properties',
  describe: async (scene) => ({ container_format: 'bare', ...namedFieldsOf(scene) }),
}

const name = 'openstack_plugin.resources.compute.image'

export const imageOperations: Readonly<Record<string, PluginOperation>> = {
  ...resourceOperations(name, images, { list: 'list_images' }),
  [`${name}.start`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const id = recordedId(ctx) ?? scene.settings.resourceId
      if (id === undefined) throw notCreated(images.word)
      if (!isOurs(ctx, scene.settings)) return
      if (!(await fill(scene, id))) return ctx.log.info(`Image ${id} waits for its file: nobody said where that is`)
      const image = await untilActive(scene.cloud, id)
      remember(ctx, images, image, scene.settings)
      ctx.log.info(`Image ${id} is active, ${String(image['size'])} bytes`)
    },
  }),
  [`${name}.update`]: operation({
    async run(ctx, inputs) {
      const args = argsIn(inputs, 'args')
      const id = recordedId(ctx)
      if (id === undefined) throw notCreated(images.word)
      const { cloud, settings } = await sceneOf(ctx, inputs)
      const now = await imageOf(cloud, id)
      remember(ctx, images, await patch(cloud, id, now, args), settings)
      ctx.log.info(`Changed ${Object.keys(args).join(', ')} of image ${id}`)
    },
  }),
}

// Once: an image that is no longer waiting for its file is on its way. False: nothing will come.
async function fill({ ctx, cloud, settings }: Scene, id: string): Promise<boolean> {
  const url = settings.options.text('image_url')
  if ((await imageOf(cloud, id))['status'] !== 'queued') return true
  if (url === undefined) return false
  if (/^https?:/.test(url)) {
    const body = { method: { name: 'web-download', uri: url } }
    await cloud.request({ service: 'image', method: 'POST', path: `${pathOf`/images/${id}`}/import`, body })
    ctx.log.info(`The cloud fetches image ${id} itself`)
    return true
  }
  const path = url.startsWith('file:') ? fileURLToPath(url) : url.startsWith('/') ? url : await ctx.blueprintFile(url)
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() !== true) throw badProperty('image_url', `there is no file '${path}'`)
  await cloud.request({
    service: 'image',
    method: 'PUT',
    path: `${pathOf`/images/${id}`}/file`,
    content: createReadStream(path),
    contentType: 'application/octet-stream',
    deadline: seconds(3600),
  })
  return true
}

async function untilActive(cloud: Cloud, id: string): Promise<Thing> {
  return untilStatus(cloud, () => imageOf(cloud, id), {
    kind: images.word,
    id,
    wanted: ['active'],
    status: (image) => String(image['status'] ?? ''),
    failed: (status) => ['killed', 'deleted', 'pending_delete', 'deactivated'].includes(status),
    deadline: seconds(3600),
  })
}

async function imageOf(cloud: Cloud, id: string): Promise<Thing> {
  const image = await readThing(cloud, images, id)
  if (image === undefined) throw missing(images.word, id)
  return image
}

// Glance takes patches in its own kind of JSON; null takes a property away.
async function patch(cloud: Cloud, id: string, now: Thing, args: JsonObject): Promise<Thing> {
  const changes = Object.entries(args).flatMap(([key, value]): JsonObject[] => {
    const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const isThere = Object.hasOwn(now, key)
    if (value === null) return isThere ? [{ op: 'remove', path }] : []
    return [{ op: isThere ? 'replace' : 'add', path, value }]
  })
  if (changes.length === 0) return now
  const { body } = await cloud.request<Thing>({
    service: 'image',
    method: 'PATCH',
    path: pathOfThing(images, id),
    body: changes,
    contentType: 'application/openstack-images-v2.1-json-patch',
  })
  return body
}
