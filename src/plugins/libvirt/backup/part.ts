// What is on record of a backup: enough to find it again, to check it, to put it back and to delete it.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Receipt } from '../../contract/operation.ts'
import { backupDamaged } from './errors.ts'

export const backupKind = 'libvirt.backup'

/** A folder on the hypervisor, in which each backup has one of its own; or a pool that was there before. */
export type BackupPlace = { readonly directory: string } | { readonly pool: string }

export interface BackupDisk {
  readonly [key: string]: Json
  /** In the domain: `vda`. */
  readonly target: string
  readonly file: string
  /** Of the disk itself; what is kept of it is always qcow2. */
  readonly format: string
  /** `incremental`: only what changed since the parent, on whose file of that disk it rests. */
  readonly mode: 'full' | 'incremental'
}

/** `digest`: of its manifest. */
export interface Ancestor {
  readonly [key: string]: Json
  readonly name: string
  readonly digest: string
}

/** `live`: libvirt's own backup job. `off`: the disks of a domain that stood still anyway, copied. */
export type BackupMode = 'live' | 'off'

export interface BackupReceipt extends Receipt {
  readonly kind: typeof backupKind
  /** Of its folder, or what all its files begin with. */
  readonly name: string
  readonly place: BackupPlace
  readonly domain: { readonly name: string; readonly uuid: string }
  readonly mode: BackupMode
  /** What the domain did at the cut. */
  readonly state: 'running' | 'paused' | 'off'
  readonly disks: readonly BackupDisk[]
  /** What the next incremental one is made against. */
  readonly checkpoint: string | null
  /** Disks whose changes the checkpoint keeps. */
  readonly tracked: readonly string[]
  /** All those on which it rests, nearest first. */
  readonly ancestors: readonly Ancestor[]
  /** Disks that were not saved, and why an incremental backup became a full one. */
  readonly remarks: readonly string[]
  /** Of copied disks: when they were last written to. Another time means another state. */
  readonly written: Readonly<Record<string, string>>
}

export interface SavedFile {
  readonly [key: string]: Json
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** `digest`: of the manifest, which has those of all files. */
export interface BackupPart extends BackupReceipt {
  readonly digest: string
  readonly bytes: number
  readonly files: readonly SavedFile[]
  readonly manifest: SavedFile
}

/** The receipt of a cut, or a settled part. undefined: there is none, or it is of another kind. */
export function receiptIn(value: Json | undefined): BackupReceipt | undefined {
  if (!isJsonObject(value) || value['kind'] !== backupKind) return undefined
  const { name, place, domain, disks } = value
  const isWhole =
    typeof name === 'string' && isSafeName(name) && isPlace(place) && isJsonObject(domain) && Array.isArray(disks)
  if (!isWhole) throw backupDamaged(String(value['providerId']), 'what the catalog recorded of it is not complete')
  return value as unknown as BackupReceipt
}

/** @throws Fault `libvirt.backup_damaged` when it was never settled */
export function partIn(value: Json | undefined): BackupPart {
  const receipt = receiptIn(value)
  if (receipt !== undefined && Array.isArray(receipt['files']) && isJsonObject(receipt['manifest'] as Json))
    return receipt as unknown as BackupPart
  throw backupDamaged(receipt?.providerId ?? 'it', 'the catalog recorded no files of it')
}

/** One folder, one file: nothing that leads elsewhere. */
export const isSafeName = (name: string): boolean => /^[A-Za-z0-9._-]{1,200}$/.test(name) && !/^\.+$/.test(name)

/** A folder of the hypervisor by its whole path, or a pool by its name. */
export function isPlace(value: Json | undefined): boolean {
  if (!isJsonObject(value)) return false
  const { directory, pool } = value
  return typeof directory === 'string' ? directory.startsWith('/') : typeof pool === 'string'
}
