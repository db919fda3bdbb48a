// What stands on record while disks of an instance are exchanged: what was begun, for whom, and which disk had which place, so
// that whoever comes after an attempt that died leaves nothing to nobody.
import { isJsonObject, type Json } from '../../../kernel/json.ts'

/** Where a disk is attached. */
export interface Place {
  readonly [key: string]: Json
  readonly zone: string
  readonly instance: string
  readonly deviceName: string
  readonly mode: string
  readonly boot: boolean
  readonly autoDelete: boolean
  /** `SCSI` or `NVME`; null: as the machine has it. */
  readonly interface: string | null
}

export interface Exchange {
  readonly [key: string]: Json
  readonly zone: string
  readonly old: { readonly id: string; readonly name: string }
  readonly fresh: { readonly id: string; readonly name: string }
  readonly places: readonly Place[]
}

export interface Begun {
  readonly [key: string]: Json
  /** Of the work that began it: it is carried on under the same, whatever its own is. */
  readonly key: string
  /** What is put back. */
  readonly from: readonly string[]
  /** What is made for it. */
  readonly disks: readonly { readonly zone: string; readonly name: string }[]
  /** null: not all is made yet, and nothing was taken off. */
  readonly exchanges: readonly Exchange[] | null
}

export function begunIn(value: Json | undefined): Begun | undefined {
  if (value === undefined || !isJsonObject(value)) return undefined
  const { key, from, disks, exchanges } = value
  const isWhole = typeof key === 'string' && Array.isArray(from) && Array.isArray(disks)
  return isWhole && (exchanges === null || Array.isArray(exchanges)) ? (value as unknown as Begun) : undefined
}
