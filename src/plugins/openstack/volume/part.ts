// What is on record of a saved volume node: its copy; or, of a volume that a server boots from, whose copy it is part of.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Receipt } from '../../contract/operation.ts'
import { copyDamaged } from '../errors.ts'
import { idOf, isVolumeCopy, type VolumeCopy } from './copy.ts'

const kinds = { snapshot: 'openstack.volume_snapshot', backup: 'openstack.volume_backup' } as const

export interface VolumeReceipt extends Receipt {
  readonly kind: (typeof kinds)[keyof typeof kinds]
  /** null: the server that boots from it has it in its own copy. */
  readonly copy: VolumeCopy | null
  readonly coveredBy: string | null
}

export function receiptOf(copy: VolumeCopy): VolumeReceipt {
  const parent = copy.parentId === null ? {} : { parentId: copy.parentId }
  return { kind: kinds[copy.kind], providerId: idOf(copy), ...parent, copy, coveredBy: null }
}

/** Nothing of its own can be put back without its server, which has all of it. */
export function coveredReceipt(kind: VolumeCopy['kind'], volumeId: string, serverId: string): VolumeReceipt {
  const providerId = `${volumeId} of ${serverId}`
  return { kind: kinds[kind], providerId, copy: null, coveredBy: serverId, consistency: 'application' }
}

/** undefined: there is none, or it is of another kind. @throws Fault `openstack.copy_damaged` */
export function receiptIn(value: Json | undefined): VolumeReceipt | undefined {
  if (!isJsonObject(value) || !Object.values<Json | undefined>(kinds).includes(value['kind'])) return undefined
  const { providerId, copy, coveredBy } = value
  if (isVolumeCopy(copy) || (copy === null && typeof coveredBy === 'string')) return value as unknown as VolumeReceipt
  throw copyDamaged(String(providerId), 'what the catalog recorded of it is not complete')
}
