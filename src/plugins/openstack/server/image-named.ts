// The image that a blueprint names, by its exact name or its id.
import { pathOf, type Cloud } from '../client/cloud.ts'
import { ambiguous, missing } from '../errors.ts'
import type { Image } from './image.ts'

/** One of the project's own goes before others of that name. @throws Fault `openstack.missing`, `openstack.ambiguous` */
export async function imageIdOf(cloud: Cloud, nameOrId: string): Promise<string> {
  const found: Image[] = []
  const request = { service: 'image', path: '/images', query: { name: nameOrId, status: 'active' } } as const
  for await (const image of cloud.pages<Image>(request, 'images')) if (image.name === nameOrId) found.push(image)
  const own = found.filter((image) => image['owner'] === cloud.projectId)
  const named = own.length > 0 ? own : found
  const [only] = named
  if (named.length > 1) {
    throw ambiguous(
      'image',
      nameOrId,
      named.map(({ id }) => id),
    )
  }
  if (only !== undefined) return only.id
  const image = await cloud.find<Image>({ service: 'image', path: pathOf`/images/${nameOrId}` })
  if (image === undefined) throw missing('image', nameOrId)
  return image.id
}
