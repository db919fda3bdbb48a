// Puts a backup back: checks all of it, makes new disks beside the old ones, and only then stops the domain and switches.
import type { OperationContext } from '../../contract/context.ts'
import type { AnyInputs } from '../../contract/operation.ts'
import { findDomain, hypervisorOfNode, type NodeDomain } from '../domain/domain-of.ts'
import { parseXml } from '../xml/parse.ts'
import type { XmlElement } from '../xml/element.ts'
import { requireChain } from './check-chain.ts'
import { backupDamaged } from './errors.ts'
import { domainFile } from './names.ts'
import { partIn, type BackupPart } from './part.ts'
import { closePlace, openPlace } from './place.ts'
import { restoreBeside } from './restore-beside.ts'
import { restoreHere } from './restore-here.ts'
import { findFile, readFile } from './volumes.ts'

/** What both ways of restoring start from: everything is known to be whole. */
export interface Restore extends Omit<NodeDomain, 'dom'> {
  readonly part: BackupPart
  /** As it was defined when it was saved. */
  readonly saved: XmlElement
}

export async function restoreBackup(ctx: OperationContext, inputs: AnyInputs): Promise<void> {
  const { hypervisor, settings } = await hypervisorOfNode(ctx, { ...inputs })
  const part = partIn(ctx.part)
  await requireChain(ctx, hypervisor, part)
  ctx.log.debug(`Every file of '${part.name}', and of what it rests on, is as it was saved`)
  const restore = { hypervisor, settings, part, saved: await savedDomain(ctx, hypervisor, part) }
  const name = settings.options.text('restore_as')
  if (name !== undefined) return restoreBeside(ctx, restore, name)
  const dom = await findDomain(ctx, hypervisor, { uuid: part.domain.uuid })
  await restoreHere(ctx, { ...restore, dom })
}

/** As it was defined when it was saved. @throws Fault `libvirt.backup_damaged` */
export async function savedDomain(
  ctx: OperationContext,
  hypervisor: NodeDomain['hypervisor'],
  part: BackupPart,
): Promise<XmlElement> {
  const place = await openPlace(ctx, hypervisor, part)
  if (place === undefined) throw backupDamaged(part.name, 'its folder or pool is gone')
  try {
    const vol = await findFile(ctx, place, domainFile)
    if (vol === undefined) throw backupDamaged(part.name, `'${domainFile}' is gone`)
    return parseXml((await readFile(ctx, place, vol)).toString('utf8'), `the saved domain '${part.domain.name}'`)
  } finally {
    await closePlace(ctx, place)
  }
}
