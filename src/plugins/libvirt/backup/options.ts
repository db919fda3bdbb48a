// What a blueprint or a caller may ask of backups and restores.
import { backupRefused } from './errors.ts'
import { badProperty } from '../errors.ts'
import type { LibvirtSettings } from '../settings.ts'
import type { BackupPlace } from './part.ts'

export interface BackupOptions {
  readonly snapshotName: string
  readonly place: BackupPlace
  readonly isChained: boolean
  /** How many incremental ones may rest on a full one. */
  readonly longestChain: number
}

const usualChain = 6

/** @throws Fault `libvirt.bad_property`, `libvirt.backup_refused` */
export function backupOptions(settings: LibvirtSettings, domain: string): BackupOptions {
  const { options, params } = settings
  // It wrote the memory at one instant and no disk: restored, that memory went with other disks.
  if (params['full_dump'] === true)
    throw backupRefused(domain, 'full_dump saves memory without the disks that belong to it, and is not done any more')
  return {
    snapshotName: options.required('snapshot_name', options.text),
    place: placeOf(settings),
    isChained: (options.oneOf('backup_chain', ['full', 'incremental']) ?? 'full') === 'incremental',
    longestChain: options.integer('max_chain', 0, 1000) ?? usualChain,
  }
}

/** @throws Fault `libvirt.bad_property` */
export function placeOf({ options, backupDir }: LibvirtSettings): BackupPlace {
  const pool = options.text('backup_pool')
  if (pool !== undefined) return { pool }
  if (backupDir.startsWith('/')) return { directory: backupDir }
  throw badProperty('backup_dir', 'expected the absolute path of a folder on the hypervisor, or backup_pool instead')
}
