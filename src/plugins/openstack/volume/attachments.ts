// Volumes attached to servers and taken off again. An accepted call says nothing: it is over when both, the server and the
// volume, say so. May be called again, whatever became of an earlier call.
import { pathOf, type Cloud } from '../client/cloud.ts'
import { errorState, notReached } from '../errors.ts'
import { actionReason } from '../reasons.ts'
import { until, type Pace } from '../../http/wait.ts'
import { isFailure } from '../wait.ts'
import { readVolume, type VolumeView } from './views.ts'

export interface Place {
  readonly volumeId: string
  readonly serverId: string
  /** `/dev/vdb`. A wish only: many clouds choose for themselves. */
  readonly device?: string | null | undefined
}

interface Both {
  readonly volume: VolumeView
  /** As the server has it. */
  readonly device: string | null | undefined
}

/** The device it got. @throws Fault `openstack.error_state` with Nova's reason, `openstack.not_reached` */
export async function attachVolume(cloud: Cloud, place: Place, pace: Pace = {}): Promise<string | null> {
  const { volumeId, serverId, device } = place
  const before = await readBoth(cloud, place)
  if (!isHeld(before, serverId) && !isUnderWay(before)) {
    const wish = device === undefined || device === null || device === 'auto' ? {} : { device }
    await cloud.request({
      service: 'compute',
      method: 'POST',
      path: pathOf`/servers/${serverId}/os-volume_attachments`,
      body: { volumeAttachment: { volumeId, ...wish } },
    })
  }
  const after = await until(cloud, () => readBoth(cloud, place), {
    ...pace,
    isDone: (both) => isHeld(both, serverId),
    async check({ volume, device: held }) {
      // From the moment it is asked for it is reserved: one that is free again was given back.
      if (!isFailure(volume.status) && !(volume.status === 'available' && held === undefined)) return
      const reason = (await actionReason(cloud, serverId)) ?? `server '${serverId}' did not take it`
      throw errorState('volume', volumeId, volume.status, reason)
    },
    late: (last, limit) => late(volumeId, last, `in-use by server '${serverId}'`, limit),
  })
  return after.device ?? null
}

/** What is not attached there is as good. @throws Fault `openstack.error_state`, `openstack.not_reached` */
export async function detachVolume(cloud: Cloud, place: Place, pace: Pace = {}): Promise<void> {
  const { volumeId, serverId } = place
  const before = await readBoth(cloud, place)
  if (isFree(before, serverId)) return
  if (before.volume.status !== 'detaching') {
    await cloud.request({
      service: 'compute',
      method: 'DELETE',
      path: pathOf`/servers/${serverId}/os-volume_attachments/${volumeId}`,
    })
  }
  let isLeaving = before.volume.status === 'detaching'
  await until(cloud, () => readBoth(cloud, place), {
    ...pace,
    isDone: (both) => isFree(both, serverId),
    async check({ volume }) {
      const isBack = isLeaving && volume.status === 'in-use' && holds(volume, serverId)
      isLeaving ||= volume.status === 'detaching'
      if (!isBack && !isFailure(volume.status)) return
      const reason = (await actionReason(cloud, serverId)) ?? `server '${serverId}' did not give it back`
      throw errorState('volume', volumeId, volume.status, reason)
    },
    late: (last, limit) => late(volumeId, last, `given back by server '${serverId}'`, limit),
  })
}

function late(id: string, last: Both | undefined, wanted: string, limit: number) {
  const status = last === undefined ? 'not to be read' : last.volume.status
  return notReached('volume', id, { status, wanted, limit })
}

async function readBoth(cloud: Cloud, { volumeId, serverId }: Place): Promise<Both> {
  const [volume, seen] = await Promise.all([
    readVolume(cloud, volumeId),
    cloud.find<{ readonly volumeAttachment: { readonly device: string | null } }>({
      service: 'compute',
      path: pathOf`/servers/${serverId}/os-volume_attachments/${volumeId}`,
    }),
  ])
  return { volume, device: seen?.volumeAttachment.device }
}

const holds = ({ attachments }: VolumeView, serverId: string): boolean =>
  attachments.some(({ server_id }) => server_id === serverId)

const isHeld = ({ volume, device }: Both, serverId: string): boolean =>
  volume.status === 'in-use' && device !== undefined && holds(volume, serverId)

const isFree = ({ volume, device }: Both, serverId: string): boolean =>
  device === undefined && !holds(volume, serverId) && !['detaching', 'attaching', 'reserved'].includes(volume.status)

// An earlier call of ours: another one would be refused.
const isUnderWay = ({ volume }: Both): boolean => volume.status === 'reserved' || volume.status === 'attaching'
