// volume_attached_to_server: runs on the server's end, and is over when both ends say so. What is attached already, or gone,
// is as good.
import type { OperationContext, Subject } from '../../contract/context.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { cloudOf } from '../client/shared-clouds.ts'
import type { Cloud } from '../client/cloud.ts'
import { notCreated } from '../errors.ts'
import { findServer } from '../server/server.ts'
import { settingsOf, settingsOfSubject } from '../settings.ts'
import { attachVolume, detachVolume } from './attachments.ts'
import { findVolume } from './views.ts'

const name = 'openstack_plugin.resources.compute.server'
/** On record of the server, with the ids of both instances behind it, as in the original. */
const record = 'attachment_id'

export const attachOperations: Readonly<Record<string, PluginOperation>> = {
  [`${name}.attach_volume`]: operation({
    async run(ctx, inputs) {
      const { cloud, serverId, volumeId, source } = await endsOf(ctx, inputs)
      const { options } = settingsOfSubject(source)
      const wish = typeof inputs['device'] === 'string' ? inputs['device'] : options.text('device_name')
      // It is not known from Nova which of the attached volumes are nodes: those are saved as such.
      ctx.instance.runtimeProperties[keyFor(ctx, source)] = volumeId
      await ctx.save()
      const device = await attachVolume(cloud, { serverId, volumeId, device: wish })
      ctx.log.info(`Attached volume ${volumeId} to server ${serverId} as ${device}`)
    },
  }),
  [`${name}.detach_volume`]: operation({
    async run(ctx, inputs) {
      const { cloud, serverId, volumeId, source } = await endsOf(ctx, inputs)
      const isThere =
        (await findServer(cloud, serverId)) !== undefined && (await findVolume(cloud, volumeId)) !== undefined
      if (isThere) await detachVolume(cloud, { serverId, volumeId })
      delete ctx.instance.runtimeProperties[keyFor(ctx, source)]
      ctx.log.info(`Volume ${volumeId} is not attached to server ${serverId}`)
    },
  }),
}

/** Of the volumes that nodes of the deployment have attached to a server. */
export function volumesOfNodes({ instance }: Pick<Subject, 'instance'>): readonly string[] {
  return Object.entries(instance.runtimeProperties).flatMap(([key, id]) =>
    key.startsWith(`${record}-`) && typeof id === 'string' ? [id] : [],
  )
}

function keyFor(ctx: Pick<Subject, 'instance'>, source: Subject): string {
  return `${record}-${source.instance.id}-${ctx.instance.id}`
}

interface Ends {
  readonly cloud: Cloud
  readonly serverId: string
  readonly volumeId: string
  readonly source: Subject
}

async function endsOf(ctx: OperationContext, inputs: Parameters<typeof settingsOf>[1]): Promise<Ends> {
  const settings = await settingsOf(ctx, inputs)
  const source = ctx.relationship?.source
  const volumeId = source && settingsOfSubject(source).resourceId
  if (source === undefined || volumeId === undefined) throw notCreated('volume')
  if (settings.resourceId === undefined) throw notCreated('server')
  return { cloud: await cloudOf(ctx, settings), serverId: settings.resourceId, volumeId, source }
}
