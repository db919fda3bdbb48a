// What the vCenter itself does so that a guest stands still for its snapshot: by the tools in the guest, when they run and may.
// No freeze of ours is under it.
import type { Vouched } from '../../contract/operation.ts'
import type { Machine } from './machine.ts'
import type { SaveOptions } from './save.ts'

/** As far as can be known before; whether it was so is read back. */
export function vouchedOf(
  { power, hasTools }: Pick<Machine, 'power' | 'hasTools'>,
  { quiesce, withMemory }: Pick<SaveOptions, 'quiesce' | 'withMemory'>,
): Vouched {
  const nothing = (reason: string): Vouched => ({ consistency: null, reason })
  if (power !== 'poweredOn') return nothing(`the machine is ${power}: nobody is there to be told`)
  if (withMemory) return nothing('a snapshot with memory is not quiesced')
  if (quiesce === 'never') return nothing('quiesce is never')
  if (!hasTools) return nothing('its tools do not run: there is no quiesced snapshot')
  const otherwise = quiesce === 'require' ? 'it is refused' : 'it is as after a power cut'
  return {
    consistency: 'filesystem',
    reason: `the quiesced snapshot is the freeze; when the guest cannot be made to stand still, ${otherwise}`,
  }
}
