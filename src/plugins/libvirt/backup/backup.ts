// Backups of domains with all that is on their disks: cut, settle, read back, put back, delete. What only the last two need
// is loaded by them.
import type { OperationContext } from '../../contract/context.ts'
import type { AnyInputs, Part, PartCheck, Receipt } from '../../contract/operation.ts'
import { hypervisorOfNode } from '../domain/domain-of.ts'
import { domainInFreeze } from '../freeze/frozen-here.ts'
import { cutDomain } from './cut.ts'
import { backupDamaged } from './errors.ts'
import { partIn, receiptIn } from './part.ts'
import { settleDomain } from './settle.ts'
import { checkBackup } from './verify.ts'

/** @throws Fault `libvirt.backup_refused`, `libvirt.bad_property` */
export async function backupCut(ctx: OperationContext, inputs: AnyInputs): Promise<Receipt> {
  return cutDomain(ctx, await domainInFreeze(ctx, { ...inputs }))
}

/** @throws Fault `libvirt.backup_failed` */
export async function backupSettle(ctx: OperationContext, receipt: Receipt, inputs: AnyInputs): Promise<Part> {
  const known = receiptIn(receipt)
  if (known === undefined) throw backupDamaged(receipt.providerId, 'it is no backup of a domain')
  return settleDomain(ctx, known, inputs)
}

export async function backupVerify(ctx: OperationContext, part: Part): Promise<PartCheck> {
  const { hypervisor } = await hypervisorOfNode(ctx)
  return checkBackup(ctx, hypervisor, partIn(part))
}

/** @throws Fault `libvirt.restore_refused`, `libvirt.backup_damaged` before anything is touched */
export async function backupApply(ctx: OperationContext, inputs: AnyInputs): Promise<void> {
  return (await import('./restore.ts')).restoreBackup(ctx, inputs)
}

export async function backupDelete(ctx: OperationContext, inputs: AnyInputs): Promise<void> {
  return (await import('./delete.ts')).deleteBackup(ctx, inputs)
}
