// The life of a volume: made once, deleted by its id, never while snapshots of it are there. What was there before stays.
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { copyNeeded, notCreated } from '../errors.ts'
import type { Cloud } from '../client/cloud.ts'
import { deleteThing } from '../resource/api.ts'
import { sceneOf } from '../resource/create.ts'
import type { Scene } from '../resource/kind.ts'
import { resourceOperations } from '../resource/operations.ts'
import { recordedId } from '../resource/record.ts'
import { forgetOthers, othersOf } from './successors.ts'
import { findVolume, snapshotsOf } from './views.ts'
import { volumes, volumeTypes } from './volumes.ts'

const name = 'openstack_plugin.resources.volume.volume'

export const volumeLifecycle: Readonly<Record<string, PluginOperation>> = {
  ...resourceOperations(name, volumes, { list: 'list_volumes', beforeDelete: clearTheWay }),
  [`${name}.start`]: operation({
    async run(ctx, inputs) {
      const scene = await sceneOf(ctx, inputs)
      const id = recordedId(ctx) ?? scene.settings.resourceId
      if (id === undefined) throw notCreated('volume')
      await volumes.ready?.(scene, { id })
    },
  }),
  ...resourceOperations('openstack_plugin.resources.volume.volume_type', volumeTypes),
}

async function clearTheWay({ cloud, ctx }: Scene, id: string): Promise<void> {
  const others = (await othersOf(ctx, cloud, id)).map((one) => one.id)
  for (const one of [id, ...others]) await refuseCopied(cloud, one)
  for (const one of others) {
    await deleteThing(cloud, volumes, one)
    ctx.log.info(`Deleted volume ${one}, which its server had before or after a restore`)
  }
  forgetOthers(ctx)
}

// The original deleted all of them first, also those that others rely on. Cinder refuses, and says less.
async function refuseCopied(cloud: Cloud, id: string): Promise<void> {
  if ((await findVolume(cloud, id)) === undefined) return
  const found: string[] = []
  for await (const snapshot of snapshotsOf(cloud, id)) if (snapshot.status !== 'deleting') found.push(snapshot.id)
  if (found.length > 0) throw copyNeeded('volume', id, `it has snapshots: ${found.join(', ')}`)
}
