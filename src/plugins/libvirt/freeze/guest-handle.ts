// A deadman in a guest as the side that armed it knows it: enough to find it again from another process.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { isDeadmanFolder } from '../../ssh/deadman/handle.ts'

export interface InGuestHandle {
  readonly [key: string]: Json
  readonly kind: 'libvirt-guest'
  readonly token: string
  readonly id: string
  /** Its folder of memory in the guest. */
  readonly folder: string
  readonly pid: number
  readonly startTime: number
  /** What has to be added to the guest's time since boot, in milliseconds, to come to our clock. */
  readonly clockOffset: number
  /** The run of the domain whose memory it lives in. */
  readonly domainId: number
}

/** Undefined when it is the handle of no deadman of ours. It comes from outside, so its folder must be one of ours, too. */
export function inGuestHandleFrom(value: Json | undefined): InGuestHandle | undefined {
  if (value === undefined || !isJsonObject(value) || value['kind'] !== 'libvirt-guest') return undefined
  const { token, id, folder } = value
  const numbers = ['pid', 'startTime', 'clockOffset', 'domainId'].map((name) => value[name])
  if (![token, id, folder].every((text) => typeof text === 'string') || !numbers.every(Number.isFinite))
    return undefined
  if (!isDeadmanFolder(String(folder))) return undefined
  return value as InGuestHandle
}
