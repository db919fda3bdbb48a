// snapshot.create, apply and delete of a volume.
import { cutOperation, operation } from '../../contract/operation.ts'
import { applyVolume, compareVolume } from './restore.ts'
import { cutVolume, deleteVolumeBackup, settleVolume, verifyVolume } from './save.ts'

export const volumeSnapshotCreate = cutOperation({
  cut: cutVolume,
  settle: settleVolume,
  verify: verifyVolume,
  compare: compareVolume,
})

export const volumeSnapshotApply = operation({ run: applyVolume })
export const volumeSnapshotDelete = operation({ run: deleteVolumeBackup })
