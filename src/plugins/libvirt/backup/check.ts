// What a backup would be refused for, before its guest stands still.
import type { OperationContext } from '../../contract/context.ts'
import type { AnyInputs } from '../../contract/operation.ts'
import { hasCode } from '../client/errors.ts'
import { domainOf } from '../domain/domain-of.ts'
import { backupRefused } from './errors.ts'
import { backupOptions } from './options.ts'
import { readDisks } from './read-disks.ts'

/** @throws Fault `libvirt.backup_refused`, `libvirt.bad_property`, `libvirt.no_domain` */
export async function backupCheck(ctx: OperationContext, inputs: AnyInputs): Promise<void> {
  const { hypervisor, dom, settings } = await domainOf(ctx, { ...inputs })
  const { place } = backupOptions(settings, dom.name)
  const disks = await readDisks(ctx, { hypervisor, dom })
  if (disks.every(({ left }) => left !== null)) throw backupRefused(dom.name, 'it has no disk that it could write to')
  if (!('pool' in place)) return
  await hypervisor.call('STORAGE_POOL_LOOKUP_BY_NAME', { name: place.pool }, ctx).catch((thrown: unknown) => {
    if (hasCode(thrown, 'NO_STORAGE_POOL')) throw backupRefused(dom.name, `there is no pool '${place.pool}'`)
    throw thrown
  })
}
