// What is on record of a saved volume: its document, and where the copy of its contents lies.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Part, Receipt } from '../../contract/operation.ts'
import { backupDamaged } from '../backup/errors.ts'
import { isPlace, isSafeName, type BackupPlace } from '../backup/part.ts'

export const volumeKind = 'libvirt.volume'

export interface VolumeReceipt extends Receipt {
  readonly kind: typeof volumeKind
  readonly name: string
  readonly pool: string
  readonly volume: string
  /** Path of its file or device. */
  readonly key: string
  readonly xml: string
  readonly format: string
  /** Of the volume. */
  readonly capacity: string
  /** When it was last written to, at the cut. */
  readonly written: string
  /** null: running domains had it open, so that its contents belong to what is saved of those. */
  readonly place: BackupPlace | null
  readonly coveredBy: readonly string[]
}

export type VolumePart = VolumeReceipt & Part

/** In its place: the copy, and the list that says that it is whole. */
export const copyFileName = (format: string): string => `volume.${format}`
export const listFile = 'volume.json'

/** undefined: there is none, or it is of another kind. @throws Fault `libvirt.backup_damaged` */
export function volumeReceiptIn(value: Json | undefined): VolumeReceipt | undefined {
  if (!isJsonObject(value) || value['kind'] !== volumeKind) return undefined
  const { name, pool, volume, xml, place } = value
  const isWhole =
    typeof name === 'string' &&
    isSafeName(name) &&
    [pool, volume, xml].every(isText) &&
    (place === null || isPlace(place))
  if (isWhole) return value as unknown as VolumeReceipt
  throw backupDamaged(String(value['providerId']), 'what the catalog recorded of it is not complete')
}

/** @throws Fault `libvirt.backup_damaged` */
export function volumePartIn(value: Json | undefined): VolumePart {
  const receipt = volumeReceiptIn(value)
  if (receipt !== undefined && (receipt.place === null || typeof receipt['digest'] === 'string'))
    return receipt as VolumePart
  throw backupDamaged(receipt?.providerId ?? 'it', 'the catalog recorded no volume of it')
}

const isText = (value: Json | undefined): boolean => typeof value === 'string'
