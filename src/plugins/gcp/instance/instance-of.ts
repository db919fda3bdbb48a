// Which instance a node's operation works on: by the name on record.
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { notCreated } from '../errors.ts'
import { sceneOf, zoneOf, type Scene } from '../settings.ts'
import type { InstanceRef } from './views.ts'

export interface InstanceScene extends Scene {
  readonly ref: InstanceRef
}

/** @throws Fault `gcp.not_created` */
export async function instanceOfNode(ctx: OperationContext, inputs: JsonObject = {}): Promise<InstanceScene> {
  const scene = await sceneOf(ctx, inputs)
  const ref = recordedRef(scene)
  // One of our own without a name was never made, and a namesake is another instance.
  if (ref === undefined) throw notCreated('instance')
  return { ...scene, ref }
}

export function recordedRef(scene: Scene): InstanceRef | undefined {
  const name = scene.settings.recordedName
  return name === undefined ? undefined : { zone: zoneOf(scene), name }
}
