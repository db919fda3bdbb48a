// Volumes that a server booted from before it was restored, kept with the instance: copies may rest on them, and with the last
// of those they go.
import type { OperationContext } from '../../contract/context.ts'
import type { VolumeWork } from '../volume/work.ts'
import { dropOldRoot } from './exchange-root.ts'

const property = 'volumes_left'

type Holder = Pick<OperationContext, 'instance'>

export function leaveVolume(ctx: Holder, volumeId: string): void {
  keep(ctx, [...new Set([...left(ctx), volumeId])])
}

export async function dropLeftVolumes(ctx: OperationContext, work: VolumeWork): Promise<void> {
  for (const id of left(ctx)) {
    if ((await dropOldRoot(work, id)) === 'needed') {
      ctx.log.info(`Volume ${id}, which the server booted from before, stays: something needs it`)
      continue
    }
    keep(
      ctx,
      left(ctx).filter((one) => one !== id),
    )
    await ctx.save()
  }
}

function left({ instance }: Holder): readonly string[] {
  const value = instance.runtimeProperties[property]
  return Array.isArray(value) ? value.filter((id) => typeof id === 'string') : []
}

function keep({ instance }: Holder, ids: readonly string[]): void {
  if (ids.length === 0) delete instance.runtimeProperties[property]
  else instance.runtimeProperties[property] = [...ids]
}
