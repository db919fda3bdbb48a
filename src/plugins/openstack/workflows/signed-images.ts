// Images that we sign as our own with their id. Not before they are whole: Glance writes back all that it read of an image, so
// a change while Nova still works at it undoes what Nova has written, or leaves the image in `saving` for good.
import type { OperationContext } from '../../contract/context.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { findImage } from '../server/image.ts'
import { copyMarks } from './copies.ts'

/** Begun and not signed: kept with the node that lends its access, for whoever comes when Nova is done. */
const property = 'images_to_sign'

type Holder = Pick<OperationContext, 'instance' | 'save'>

export async function signLater(ctx: Holder, id: string): Promise<void> {
  await keep(ctx, [...new Set([...kept(ctx), id])])
}

/** Signs those that are whole by now, and forgets those that will never be. */
export async function signWhole(ctx: Holder, cloud: Cloud): Promise<void> {
  const waiting = kept(ctx)
  const unfinished: string[] = []
  for (const id of waiting) if (!(await sign(cloud, id))) unfinished.push(id)
  if (unfinished.length < waiting.length) await keep(ctx, unfinished)
}

/** Resolves with whether nothing is left to do. */
async function sign(cloud: Cloud, id: string): Promise<boolean> {
  const image = await findImage(cloud, id)
  if (image?.status === 'queued' || image?.status === 'saving') return false
  if (image?.status !== 'active' || image[copyMarks.self] === id) return true
  await cloud.request({
    service: 'image',
    method: 'PATCH',
    path: pathOf`/images/${id}`,
    contentType: 'application/openstack-images-v2.1-json-patch',
    body: [{ op: 'add', path: `/${copyMarks.self}`, value: id }],
  })
  return true
}

function kept({ instance }: Holder): readonly string[] {
  const value = instance.runtimeProperties[property]
  return Array.isArray(value) ? value.filter((id) => typeof id === 'string') : []
}

async function keep(ctx: Holder, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) delete ctx.instance.runtimeProperties[property]
  else ctx.instance.runtimeProperties[property] = [...ids]
  await ctx.save()
}
