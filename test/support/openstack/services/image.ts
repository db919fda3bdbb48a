// Glance: images with properties of any name, their files, tags, protection; patches in its own kind of JSON.
import { createHash } from 'node:crypto'
import { isJsonObject, type Json, type JsonObject } from '../../../../src/kernel/json.ts'
import { badRequest, conflict, forbidden, noContent, notFound, ok, Refusal, type Answer } from '../http/answer.ts'
import { param, part, textOr, texts, type Call } from '../http/call.ts'
import type { Routes } from '../http/routes.ts'
import type { State } from '../model/state.ts'
import type { FakeImage } from '../model/things.ts'
import { Broken } from '../../../../src/testing/fake-http/work.ts'
import { isAskedFor, listed, newestFirst } from './listing.ts'

const ownNames = new Set(
  'id name status visibility protected owner size virtual_size checksum os_hash_algo os_hash_value disk_format container_format min_disk min_ram tags created_at updated_at file self schema os_hidden'.split(
    ' ',
  ),
)

export function imageRoutes(routes: Routes, state: State): void {
  const find = (call: Call): FakeImage => findImage(state, param(call, 'id'))
  routes.add('image', 'POST /images', (call) => {
    const image = newImage(state, call.who.project?.id ?? '', call.body)
    return { status: 201, body: shownImage(image), headers: { location: `${call.origin}/image/v2/images/${image.id}` } }
  })
  routes.add('image', 'GET /images', (call) => {
    const mine = newestFirst(state.images.values()).filter(
      (image) => image.owner === call.who.project?.id || image.visibility === 'public' || call.who.isAdmin,
    )
    const asked = mine.filter((image) => isAskedFor(call.query, shownImage(image), ['visibility', 'tag', 'owner']))
    const found = asked.filter(
      (image) =>
        [image.visibility, 'all', null].includes(call.query.get('visibility')) &&
        [image.owner, null].includes(call.query.get('owner')) &&
        call.query.getAll('tag').every((tag) => image.tags.includes(tag)),
    )
    return listed(state, call, sorted(found, call), { collection: 'images', id: ({ id }) => id, show: shownImage })
  })
  routes.add('image', 'GET /images/:id', (call) => ok(shownImage(find(call))))
  routes.add('image', 'PATCH /images/:id', (call) => {
    const image = find(call)
    if (!(call.headers['content-type'] ?? '').startsWith('application/openstack-images-v2.1-json-patch')) {
      throw new Refusal(415, 'The media type is not supported.')
    }
    // Of a change and the end of an upload the later one wins, whole: this is what becomes of it when the change is that.
    if (image.status === 'saving') image.isLeftSaving = true
    patch(image, JSON.parse(call.bytes.toString('utf8')) as Json)
    image.updatedAt = state.seconds()
    return ok(shownImage(image))
  })
  routes.add('image', 'DELETE /images/:id', (call) => {
    const image = find(call)
    if (image.protected) throw forbidden(`Image ${image.id} is protected and cannot be deleted.`)
    deleteImage(state, image)
    return noContent
  })
  routes.add('image', 'PUT /images/:id/file', (call) => upload(state, find(call), call.bytes))
  // The cloud fetches it from there itself; here, what it fetches is the address.
  routes.add('image', 'POST /images/:id/import', (call) => {
    const image = find(call)
    const { name, uri } = part(call.body, 'method')
    if (name !== 'web-download') throw badRequest(`Unknown import method: ${textOr(name, '')}`)
    if (image.status !== 'queued') throw conflict(`Image ${image.id} is not in queued state`)
    image.status = 'importing'
    state.work.begin(async () => {
      await state.work.step('image:importing', image.id, 'image')
      image.content = Buffer.from(textOr(uri, ''))
      image.status = 'active'
    })
    return { status: 202 }
  })
  routes.add('image', 'GET /images/:id/file', (call) => {
    const image = find(call)
    if (image.status !== 'active' || image.content === null) return noContent
    const md5 = createHash('md5').update(image.content).digest('base64')
    return { status: 200, bytes: image.content, headers: { 'content-md5': md5 } }
  })
  routes.add('image', 'PUT /images/:id/tags/:tag', (call) => {
    const image = find(call)
    image.tags = [...new Set([...image.tags, param(call, 'tag')])]
    return noContent
  })
  routes.add('image', 'DELETE /images/:id/tags/:tag', (call) => {
    const image = find(call)
    image.tags = image.tags.filter((tag) => tag !== param(call, 'tag'))
    return noContent
  })
}

export function findImage(state: State, id: string): FakeImage {
  const image = state.images.get(id)
  if (image) return image
  throw notFound(`No image found with ID ${id}`)
}

export function newImage(state: State, owner: string, given: JsonObject): FakeImage {
  const own = typeof given['id'] === 'string' ? given['id'] : undefined
  if (own !== undefined && state.images.has(own)) throw conflict(`Image ID ${own} already exists!`)
  const image: FakeImage = {
    id: own ?? state.id(),
    name: textOr(given['name'], null),
    status: 'queued',
    visibility: textOr(given['visibility'], 'shared'),
    protected: given['protected'] === true,
    owner,
    content: null,
    isLeftSaving: false,
    diskFormat: textOr(given['disk_format'], null),
    containerFormat: textOr(given['container_format'], null),
    minDisk: Number(given['min_disk'] ?? 0),
    minRam: Number(given['min_ram'] ?? 0),
    tags: [...texts(given['tags'])],
    properties: {},
    createdAt: state.seconds(),
    updatedAt: state.seconds(),
    serial: state.serial(),
  }
  for (const [name, value] of Object.entries(given)) if (!ownNames.has(name)) setProperty(image, name, value)
  state.images.set(image.id, image)
  return image
}

export function deleteImage(state: State, image: FakeImage): void {
  image.status = 'deleted'
  state.images.delete(image.id)
}

export function shownImage(image: FakeImage): JsonObject {
  const { content } = image
  return {
    ...image.properties,
    id: image.id,
    name: image.name,
    status: image.status,
    visibility: image.visibility,
    protected: image.protected,
    owner: image.owner,
    size: content === null ? null : content.length,
    virtual_size: content === null ? null : content.length,
    checksum: content === null ? null : createHash('md5').update(content).digest('hex'),
    os_hash_algo: content === null ? null : 'sha512',
    os_hash_value: content === null ? null : createHash('sha512').update(content).digest('hex'),
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    min_disk: image.minDisk,
    min_ram: image.minRam,
    tags: image.tags,
    os_hidden: false,
    created_at: image.createdAt,
    updated_at: image.updatedAt,
    file: `/v2/images/${image.id}/file`,
    self: `/v2/images/${image.id}`,
    schema: '/v2/schemas/image',
  }
}

async function upload(state: State, image: FakeImage, bytes: Buffer): Promise<Answer> {
  if (image.status !== 'queued') throw conflict(`Image status transition from ${image.status} to saving is not allowed`)
  if (image.diskFormat === null || image.containerFormat === null) {
    throw badRequest('Properties disk_format, container_format must be set prior to saving data.')
  }
  image.status = 'saving'
  try {
    await state.work.step('image:saving', image.id, 'image')
  } catch (thrown) {
    if (!(thrown instanceof Broken)) throw thrown
    image.status = 'queued'
    throw new Refusal(500, thrown.message)
  }
  image.content = bytes
  image.status = 'active'
  image.updatedAt = state.seconds()
  return noContent
}

function patch(image: FakeImage, operations: Json): void {
  if (!Array.isArray(operations)) throw badRequest('Request body must be a JSON array of operation objects.')
  for (const one of (operations as readonly Json[]).filter(isJsonObject)) {
    const name = textOr(one['path'], '').replace(/^\//, '').replaceAll('~1', '/').replaceAll('~0', '~')
    const value = one['value'] ?? null
    if (one['op'] === 'remove') {
      if (!Object.hasOwn(image.properties, name)) throw conflict(`Property ${name} does not exist.`)
      delete image.properties[name]
    } else if (one['op'] === 'replace' && !ownNames.has(name) && !Object.hasOwn(image.properties, name)) {
      throw conflict(`Property ${name} does not exist.`)
    } else {
      setProperty(image, name, value)
    }
  }
}

function setProperty(image: FakeImage, name: string, value: Json): void {
  switch (name) {
    case 'name':
      image.name = textOr(value, null)
      break
    case 'visibility':
      image.visibility = textOr(value, 'shared')
      break
    case 'protected':
      image.protected = value === true
      break
    case 'min_disk':
      image.minDisk = Number(value)
      break
    case 'min_ram':
      image.minRam = Number(value)
      break
    case 'tags':
      image.tags = [...texts(value)]
      break
    case 'disk_format':
      image.diskFormat = textOr(value, null)
      break
    case 'container_format':
      image.containerFormat = textOr(value, null)
      break
    default:
      if (ownNames.has(name)) throw forbidden(`Attribute '${name}' is read-only.`)
      if (typeof value !== 'string') throw badRequest(`Property ${name} is not of type 'string'.`)
      image.properties[name] = value
  }
}

function sorted(images: readonly FakeImage[], { query }: Call): readonly FakeImage[] {
  const [key = 'created_at', direction = query.get('sort_dir') ?? 'desc'] = (
    query.get('sort') ??
    query.get('sort_key') ??
    'created_at'
  ).split(':')
  const sign = direction === 'asc' ? 1 : -1
  const value = (image: FakeImage): string => String(shownImage(image)[key] ?? '')
  return [...images].toSorted(
    (left, right) => sign * (value(left) < value(right) ? -1 : value(left) > value(right) ? 1 : 0),
  )
}
