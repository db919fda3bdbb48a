// A machine put back to a snapshot of it, and to what it did then: a snapshot without its memory leaves it turned off.
import type { Duration } from '../../../kernel/duration.ts'
import type { VCenter } from '../client/vcenter.ts'
import { copyDamaged } from '../errors.ts'
import { untilIdle } from './idle.ts'
import { refOf } from './machine.ts'
import { bring } from './power.ts'
import { checkSnapshot, type SnapshotCopy } from './save.ts'

/** May be called again whatever became of an answer: a machine that is put back twice is as it was once. */
export async function restoreSnapshot(vcenter: VCenter, copy: SnapshotCopy, limit: Duration): Promise<void> {
  const machine = refOf(copy.machineId)
  await untilIdle(vcenter, machine, limit)
  const check = await checkSnapshot(vcenter, copy)
  if (!check.isUsable) throw copyDamaged(copy.name, check.reason ?? 'it is not there')
  await vcenter.run(
    { type: 'VirtualMachineSnapshot', id: copy.providerId },
    'RevertToSnapshot_Task',
    // One that was off when it was saved stays off, whatever a memory in the snapshot says.
    [['suppressPowerOn', copy.power !== 'poweredOn']],
    { limit },
  )
  if (copy.power === 'suspended') return
  await bring(vcenter, machine, copy.power, limit)
}
