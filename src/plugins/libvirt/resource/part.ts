// What the catalog keeps of a network or pool: its whole document, so that it can be put back when everything else is gone.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Part, Receipt } from '../../contract/operation.ts'
import { backupDamaged } from '../backup/errors.ts'
import { isPlace, isSafeName, type BackupPlace } from '../backup/part.ts'

/** Where a whole backup lies beside the catalog: on the hypervisor, or on the machine of fermata. */
export type DocumentPlace = BackupPlace | { readonly local: string }

export interface DocumentReceipt extends Receipt {
  /** `libvirt.network`, `libvirt.pool`. */
  readonly kind: string
  readonly uuid: string
  readonly resource: string
  readonly xml: string
  readonly isActive: boolean
  readonly isAutostart: boolean
  /** Folder of its file. */
  readonly name: string
  /** null: the catalog alone has it. */
  readonly place: DocumentPlace | null
}

export type DocumentPart = DocumentReceipt & Part & { readonly digest: string }

export const kindOf = (word: string): string => `libvirt.${word}`

/** undefined: there is none, or it is of another kind. @throws Fault `libvirt.backup_damaged` */
export function documentReceiptIn(value: Json | undefined, word: string): DocumentReceipt | undefined {
  if (!isJsonObject(value) || value['kind'] !== kindOf(word)) return undefined
  const { name, xml, uuid, place } = value
  const isWhole =
    typeof name === 'string' &&
    isSafeName(name) &&
    typeof xml === 'string' &&
    typeof uuid === 'string' &&
    isDocumentPlace(place)
  if (isWhole) return value as unknown as DocumentReceipt
  throw backupDamaged(String(value['providerId']), 'what the catalog recorded of it is not complete')
}

/** @throws Fault `libvirt.backup_damaged` */
export function documentPartIn(value: Json | undefined, word: string): DocumentPart {
  const receipt = documentReceiptIn(value, word)
  if (receipt !== undefined && typeof receipt['digest'] === 'string') return receipt as DocumentPart
  throw backupDamaged(receipt?.providerId ?? 'it', `the catalog recorded no ${word} of it`)
}

/** A local one stays below the folder that the plugin has. */
function isDocumentPlace(value: Json | undefined): boolean {
  if (value === null || isPlace(value)) return true
  const local = isJsonObject(value) ? value['local'] : undefined
  return typeof local === 'string' && /^backups(\/|$)/.test(local) && !local.split('/').includes('..')
}
