// A new volume with what a copy holds: for clones, and for backups of volumes that are gone.
import type { JsonObject } from '../../../kernel/json.ts'
import { pathOf } from '../client/cloud.ts'
import { idOf, type VolumeCopy } from './copy.ts'
import { inPlaceOf } from './successors.ts'
import { copyLimit, untilBackup, untilVolume } from './status.ts'
import { allVolumes, type VolumeView } from './views.ts'
import { madeOnce, type VolumeWork } from './work.ts'

export interface NewVolume {
  /** Default: all as it was with the volume that was copied. */
  readonly name?: string | undefined
  readonly size?: number | undefined
  readonly type?: string | undefined
  readonly zone?: string | undefined
  readonly metadata?: JsonObject | undefined
  /** Id of the volume whose place it takes. */
  readonly standsFor?: string | undefined
}

/** By it the volume that a piece of work has made of a copy is known again. */
export const newVolumePart = (copy: VolumeCopy): string => `volume/${idOf(copy)}`

/** Resolves when it is there. It bears the mark of the work. */
export async function volumeFromCopy(work: VolumeWork, copy: VolumeCopy, wanted: NewVolume = {}): Promise<VolumeView> {
  const { cloud } = work
  const { volume: saved, snapshotId, backupId } = copy
  const size = wanted.size ?? saved.size
  const deadline = copyLimit(size, work.copyLimit)
  const type = wanted.type ?? saved.type
  const zone = wanted.zone ?? saved.zone
  const { id } = await madeOnce<{ readonly id: string; readonly metadata: JsonObject }>(work, {
    part: newVolumePart(copy),
    list: () => allVolumes(cloud),
    metadataOf: ({ metadata }) => metadata,
    async create(mark) {
      const { body } = await cloud.request<{ readonly volume: VolumeView }>({
        service: 'volume',
        method: 'POST',
        path: '/volumes',
        body: {
          volume: {
            name: wanted.name ?? saved.name,
            size,
            ...(type === null ? {} : { volume_type: type }),
            ...(zone === null ? {} : { availability_zone: zone }),
            // The contents of a backup follow: what is made empty can be marked and found before they do.
            ...(backupId === null ? { snapshot_id: snapshotId } : {}),
            metadata: { ...unmarked(wanted.metadata ?? saved.metadata), ...placeOf(wanted), ...mark },
          },
        },
      })
      return body.volume
    },
  })
  const made = await untilVolume(cloud, id, { deadline })
  if (backupId === null) return made
  await cloud.request({
    service: 'volume',
    method: 'POST',
    path: pathOf`/backups/${backupId}/restore`,
    body: { restore: { volume_id: id } },
  })
  const filled = await untilVolume(cloud, id, { deadline })
  await untilBackup(cloud, backupId, { deadline })
  if (!saved.isBootable || filled.bootable === 'true') return filled
  const body = { 'os-set_bootable': { bootable: true } }
  await cloud.request({ service: 'volume', method: 'POST', path: pathOf`/volumes/${id}/action`, body })
  return untilVolume(cloud, id)
}

// The marks of the volume that was copied are not this one's.
function unmarked(metadata: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !name.startsWith('fermata_')))
}

function placeOf({ standsFor }: NewVolume): JsonObject {
  return standsFor === undefined ? {} : inPlaceOf(standsFor)
}
