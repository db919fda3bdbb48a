// The volumes beside the one that a server boots from, put back where they were, one after the other in the order of their
// devices: each finds the place free that it had. One that is gone is made anew, and stands in for it from then on.
import { isJsonObject } from '../../../kernel/json.ts'
import type { Cloud } from '../client/cloud.ts'
import { attachVolume } from '../volume/attachments.ts'
import type { VolumeCopy } from '../volume/copy.ts'
import { restoreVolume } from '../volume/restore.ts'
import { findVolume } from '../volume/views.ts'
import { volumeFromCopy } from '../volume/volume-from-copy.ts'
import type { VolumeWork } from '../volume/work.ts'
import type { ServerVolumeCopy } from './copy.ts'
import type { ServerRestoreOptions } from './restore.ts'

type Options = Pick<ServerRestoreOptions, 'lasting' | 'memory' | 'standIns'>

/** The server is off. */
export async function putBackVolumes(
  work: VolumeWork,
  serverId: string,
  volumes: readonly ServerVolumeCopy[],
  options: Options,
): Promise<void> {
  for (const one of volumes) await putBack(work, serverId, one, options)
}

/** The server was made anew: those that it has already were put back by an attempt that died. */
export async function hangVolumes(
  work: VolumeWork,
  serverId: string,
  volumes: readonly ServerVolumeCopy[],
  options: Options,
): Promise<void> {
  for (const one of volumes) {
    const own = await findVolume(work.cloud, standing(one.copy, options))
    const holders = own?.attachments.map(({ server_id: holder }) => holder) ?? []
    if (holders.includes(serverId)) continue
    if (holders.length === 0) {
      const volumeId = await putBack(work, serverId, one, options)
      await attachVolume(work.cloud, { volumeId, serverId, device: one.device })
      continue
    }
    // Somebody else's by now, and not touched.
    const { id: volumeId } = await volumeFromCopy(work, one.copy)
    await standIn(work.cloud, one.copy, volumeId, options)
    await attachVolume(work.cloud, { volumeId, serverId, device: one.device })
  }
}

async function putBack(
  work: VolumeWork,
  serverId: string,
  { copy, device }: ServerVolumeCopy,
  options: Options,
): Promise<string> {
  const { lasting, memory } = options
  const volumeId = await restoreVolume(work, copy, {
    lasting,
    memory: memory('volume'),
    volumeId: standing(copy, options),
    seats: [{ serverId, device }],
  })
  await standIn(work.cloud, copy, volumeId, options)
  return volumeId
}

function standing({ volume }: VolumeCopy, { standIns }: Options): string {
  const known = standIns?.read()
  const id = known !== undefined && isJsonObject(known) ? known[volume.id] : undefined
  return typeof id === 'string' ? id : volume.id
}

async function standIn(cloud: Cloud, copy: VolumeCopy, volumeId: string, options: Options): Promise<void> {
  if (volumeId === standing(copy, options)) return
  const known = options.standIns?.read()
  await options.standIns?.write({
    ...(known !== undefined && isJsonObject(known) ? known : {}),
    [copy.volume.id]: volumeId,
  })
  cloud.log.warning(`Volume ${copy.volume.name} (${copy.volume.id}) is gone, and ${volumeId} stands in for it`)
}
