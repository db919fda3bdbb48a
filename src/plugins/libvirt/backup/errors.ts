// What goes wrong with backups, as faults.
import { fault, type Fault } from '../../../kernel/fault.ts'

/** Nothing has happened. */
export function backupRefused(domain: string, reason: string): Fault {
  return fault('libvirt.backup_refused', { details: { domain, reason }, effect: 'none' })
}

/** It began and came to nothing; what there was of it is gone or will be taken back. */
export function backupFailed(domain: string, reason: string): Fault {
  return fault('libvirt.backup_failed', { details: { domain, reason }, effect: 'done' })
}

export function backupDamaged(name: string, reason: string): Fault {
  return fault('libvirt.backup_damaged', { details: { name, reason } })
}

/** Nothing has happened. */
export function restoreRefused(domain: string, reason: string): Fault {
  return fault('libvirt.restore_refused', { details: { domain, reason }, effect: 'none' })
}
