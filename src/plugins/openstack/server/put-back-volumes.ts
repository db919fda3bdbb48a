// The volumes beside the one that a server boots from, put back where they were, one after the other in the order of their
// devices: each finds the place free that it had. One that is gone is made anew, and stands in for it from then on.
import { isJsonObject } from '../../../kernel/json.ts'
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
    await standIn(one.copy, volumeId, options)
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
  await standIn(copy, volumeId, options)
  return volumeId
}

/** Which volume has what the copied one had: itself, or another since it is gone or was exchanged. */
export function standing({ volume }: VolumeCopy, { standIns }: Pick<Options, 'standIns'>): string {
  const known = standIns?.read()
  const id = known !== undefined && isJsonObject(known) ? known[volume.id] : undefined
  return typeof id === 'string' ? id : volume.id
}

export async function standIn(copy: VolumeCopy, volumeId: string, options: Pick<Options, 'standIns'>): Promise<void> {
  if (volumeId === standing(copy, options)) return
  const known = options.standIns?.read()
  const others = known !== undefined && isJsonObject(known) ? known : {}
  await options.standIns?.write({ ...others, [copy.volume.id]: volumeId })
}
