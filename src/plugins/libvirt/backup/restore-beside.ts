// Restores a backup as another domain, beside the one that it was taken of: with a uuid, addresses and disks of its own.
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { hasCode } from '../client/errors.ts'
import { domainXml } from '../client/flags.ts'
import type { Domain } from '../client/structs.ts'
import { findDomain } from '../domain/domain-of.ts'
import { markOf } from '../domain/mark.ts'
import { parseXml } from '../xml/parse.ts'
import { writeXml } from '../xml/write.ts'
import { disksOf } from './disks.ts'
import { nvramPath } from './metadata.ts'
import { keyOf } from './names.ts'
import type { Restore } from './restore.ts'
import { makeDisks, planRestore, removeDisks, restoredBy } from './restore-disks.ts'
import { isMadeBy, otherDomain } from './restored-domain.ts'

export async function restoreBeside(ctx: OperationContext, restore: Restore, name: string): Promise<void> {
  const { hypervisor, part, settings } = restore
  const dom = (await madeBefore(ctx, restore, name)) ?? (await make(ctx, restore, name))
  // Two of the same on a network would answer for each other: it runs only when somebody says so.
  if (settings.options.boolean('restore_start') === true)
    await hypervisor.call('DOMAIN_CREATE_WITH_FLAGS', { dom }, ctx).catch((thrown: unknown) => {
      if (!hasCode(thrown, 'OPERATION_INVALID')) throw thrown
    })
  ctx.log.info(`Restored '${part.domain.name}' from '${part.name}' as '${name}'`)
}

/** @throws Fault `libvirt.name_taken` */
async function madeBefore(ctx: OperationContext, { hypervisor }: Restore, name: string): Promise<Domain | undefined> {
  const dom = await findDomain(ctx, hypervisor, { name })
  if (dom === undefined) return undefined
  const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom, flags: domainXml.inactive }, ctx)
  const identity = { key: ctx.operation.key, deployment: ctx.deployment.id }
  if (isMadeBy(parseXml(xml, `the domain '${name}'`), identity)) return dom
  throw fault('libvirt.name_taken', { details: { uri: hypervisor.uri, kind: 'domain', name } })
}

async function make(ctx: OperationContext, restore: Restore, name: string): Promise<Domain> {
  const { hypervisor, part, saved, settings } = restore
  const naming = { mark: keyOf(ctx, 8), folder: settings.options.path('restore_dir'), domain: safe(name) }
  const plan = planRestore(part, disksOf(saved), nvramPath(saved), naming)
  await makeDisks(ctx, hypervisor, part, plan)
  const identity = { ...markOf(ctx), name, uuid: ctx.world.newId(), key: ctx.operation.key }
  try {
    const xml = writeXml(otherDomain(saved, identity, restoredBy(plan)))
    return (await hypervisor.call('DOMAIN_DEFINE_XML_FLAGS', { xml }, ctx)).dom
  } catch (thrown) {
    // What may have been defined may use them.
    if (!(await findDomain(ctx, hypervisor, { name }).catch(() => true)))
      await removeDisks(ctx, hypervisor, plan).catch(() => {})
    throw thrown
  }
}

const safe = (name: string): string => name.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 60)
