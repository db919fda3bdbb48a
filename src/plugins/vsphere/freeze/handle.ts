// A deadman in the guest of a machine as the side that armed it knows it: enough to find it again from another process.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { isDeadmanFolder } from '../../ssh/deadman/handle.ts'

export interface MachineGuestHandle {
  readonly [key: string]: Json
  readonly kind: 'vsphere-guest'
  readonly token: string
  readonly id: string
  /** Its folder of memory in the guest. */
  readonly folder: string
  readonly pid: number
  readonly startTime: number
  /** What has to be added to the guest's time since boot, in milliseconds, to come to our clock. */
  readonly clockOffset: number
  /** Of the machine whose memory it lives in, as `runOf` names it. */
  readonly run: string
}

/** Undefined when it is the handle of no deadman of ours. It comes from outside, so its folder must be one of ours, too. */
export function machineGuestHandleFrom(value: Json | undefined): MachineGuestHandle | undefined {
  if (value === undefined || !isJsonObject(value) || value['kind'] !== 'vsphere-guest') return undefined
  const { token, id, folder, run } = value
  const numbers = ['pid', 'startTime', 'clockOffset'].map((name) => value[name])
  if (![token, id, folder, run].every((text) => typeof text === 'string') || !numbers.every(Number.isFinite))
    return undefined
  return isDeadmanFolder(String(folder)) ? (value as MachineGuestHandle) : undefined
}
