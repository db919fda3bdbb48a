// Copies that the originals made, found by the names they gave them: to be restored, never to be deleted.
import type { Cloud } from '../client/cloud.ts'
import { ambiguous, missing } from '../errors.ts'
import { savedVolume, type VolumeCopy } from './copy.ts'
import { backupsOf, readVolume, snapshotsOf } from './views.ts'

/** As the third generation of the original called it, and as we do. */
export function copyName(volumeId: string, backup: string, kind: VolumeCopy['kind']): string {
  const shown = backup
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
    .trim()
    .slice(0, 180)
  return `volume-${volumeId}-${shown}-${kind === 'snapshot' ? 'increment' : 'backup'}`
}

/** Of this volume alone, and only when there is but one. @throws Fault `openstack.missing`, `openstack.ambiguous` */
export async function copyOfName(
  cloud: Cloud,
  volumeId: string,
  backup: string,
  kind: VolumeCopy['kind'],
): Promise<VolumeCopy> {
  const volume = savedVolume(await readVolume(cloud, volumeId))
  // The second one named both kinds alike.
  const names = [copyName(volumeId, backup, kind), `vol-${volumeId}-${backup}`]
  const found: string[] = []
  const all = kind === 'snapshot' ? snapshotsOf(cloud, volumeId) : backupsOf(cloud, volumeId)
  for await (const { id, name, status } of all) {
    if (name !== null && names.includes(name) && status === 'available') found.push(id)
  }
  const [id] = found
  if (id === undefined) throw missing(`${kind} of volume ${volumeId}`, names.join("' or '"))
  if (found.length > 1) throw ambiguous(kind, backup, found)
  const none = { snapshotId: null, groupSnapshotId: null, backupId: null, parentId: null }
  return { kind, name: backup, volume, ...none, [kind === 'snapshot' ? 'snapshotId' : 'backupId']: id }
}
