// A snapshot that a backup is made of stays in `backing-up` for good when cinder-backup dies: on its way up Cinder gives back
// volumes, but no snapshots. Then ours is given back here.
import { seconds } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import { pathOf, type Cloud } from '../client/cloud.ts'
import { errorState, notReached } from '../errors.ts'
import { until } from '../../http/wait.ts'
import { backupsOf, findSnapshot, type SnapshotView } from './views.ts'

/** A backup is on its way for a moment before it is seen, and Cinder may be about to give the snapshot back. */
const grace = seconds(30)

const isRead = (snapshot: SnapshotView | undefined): snapshot is SnapshotView =>
  snapshot?.status === 'backing-up' || snapshot?.status === 'restoring'

/**
 * Resolves when nobody reads it. One of ours, for its state is changed when whoever read it is gone.
 *
 * @throws Fault `openstack.error_state` when only an administrator may do that; `openstack.not_reached`
 */
export async function untilUnread(cloud: Cloud, id: string): Promise<void> {
  let aloneSince: number | undefined
  await until(cloud, () => findSnapshot(cloud, id), {
    isDone: (snapshot) => !isRead(snapshot),
    async check(snapshot) {
      if (snapshot?.status !== 'backing-up' || (await isCopied(cloud, snapshot))) {
        aloneSince = undefined
        return
      }
      const now = cloud.world.clock.monotonic()
      aloneSince ??= now
      if (now - aloneSince >= grace) await giveBack(cloud, id)
    },
    late: (last, limit) =>
      notReached('snapshot', id, { status: last?.status ?? 'not to be read', wanted: 'available', limit }),
  })
}

async function isCopied(cloud: Cloud, { id, volume_id: volumeId }: SnapshotView): Promise<boolean> {
  for await (const { snapshot_id: of, status } of backupsOf(cloud, volumeId))
    if (of === id && (status === 'creating' || status === 'deleting')) return true
  return false
}

async function giveBack(cloud: Cloud, id: string): Promise<void> {
  cloud.log.warning(`Snapshot '${id}' is in status backing-up, and no backup is made of it: it is set to available`)
  const body = { 'os-reset_status': { status: 'available' } }
  try {
    await cloud.request({ service: 'volume', method: 'POST', path: pathOf`/snapshots/${id}/action`, body })
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'openstack.denied') throw thrown
    throw errorState(
      'snapshot',
      id,
      'backing-up',
      `Cinder has lost the backup that was made of it; an administrator can give it back: cinder snapshot-reset-state --state available ${id}`,
    )
  }
}
