// What the catalog keeps of a saved disk: enough to make another one like it, and to put that in its place.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { DiskView } from './views.ts'

/** A disk as it was when it was copied. */
export interface SavedDisk {
  readonly [key: string]: Json
  readonly id: string
  readonly name: string
  readonly zone: string
  readonly sizeGb: string
  readonly type: string
  readonly labels: JsonObject
  readonly description: string | null
  readonly resourcePolicies: readonly string[]
  readonly kmsKeyName: string | null
  readonly provisionedIops: string | null
  readonly provisionedThroughput: string | null
}

/** Where the contents come from: a snapshot, or one device of a machine image. */
export interface DiskCopy {
  readonly [key: string]: Json
  readonly disk: SavedDisk
  readonly snapshot: string | null
  readonly machineImage: string | null
  /** Under which name its instance had it. */
  readonly deviceName: string | null
}

export function savedDisk(zone: string, disk: DiskView): SavedDisk {
  const { id, name, sizeGb, type, labels = {}, description, resourcePolicies = [], diskEncryptionKey } = disk
  return {
    id,
    name,
    zone,
    sizeGb,
    type,
    // Our own marks are those of the work that made it.
    labels: Object.fromEntries(Object.entries(labels).filter(([label]) => !label.startsWith('fermata-'))),
    description: description ?? null,
    resourcePolicies,
    kmsKeyName: diskEncryptionKey?.kmsKeyName?.replace(/\/cryptoKeyVersions\/.*$/, '') ?? null,
    provisionedIops: disk.provisionedIops ?? null,
    provisionedThroughput: disk.provisionedThroughput ?? null,
  }
}

export function isDiskCopy(value: Json | undefined): value is DiskCopy {
  if (value === undefined || !isJsonObject(value) || !isJsonObject(value['disk'] ?? null)) return false
  const { id, name, zone, sizeGb, type } = value['disk'] as JsonObject
  const isWhole = [id, name, zone, sizeGb, type].every((text) => typeof text === 'string')
  return isWhole && [value['snapshot'], value['machineImage']].some((text) => typeof text === 'string')
}
