// lifecycle.delete of a plain resource: by the id on record, and only what we made.
import type { OperationContext } from '../../contract/context.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { deleteThing } from './api.ts'
import { sceneOf } from './create.ts'
import type { ResourceKind, Scene } from './kind.ts'
import { forget, isOurs, recordedId } from './record.ts'

/** `before`: what must go first. */
export async function deleteResource(
  ctx: OperationContext,
  kind: ResourceKind,
  inputs: JsonObject,
  before?: (scene: Scene, id: string) => Promise<void>,
): Promise<void> {
  const id = recordedId(ctx)
  if (id !== undefined) {
    const scene = await sceneOf(ctx, inputs)
    if (isOurs(ctx, scene.settings)) {
      await before?.(scene, id)
      await deleteThing(scene.cloud, kind, id)
      ctx.log.info(`Deleted ${kind.word} ${id}`)
    } else {
      ctx.log.info(`The ${kind.word} ${id} is external and left as it is`)
    }
  }
  forget(ctx, kind)
}
