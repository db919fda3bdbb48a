// Checkpoints of a domain: libvirt's memory of what changed since a backup. Deleted by their full name, and only ours.
import type { OperationContext } from '../../contract/context.ts'
import { hasCode } from '../client/errors.ts'
import { snapshotDelete } from '../client/flags.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Domain } from '../client/structs.ts'
import { keepOwed, owedCheckpoints } from './chain.ts'

interface Holder {
  readonly hypervisor: Hypervisor
  readonly dom: Domain
}

export async function checkpointNames(
  ctx: Pick<OperationContext, 'signal'>,
  { hypervisor, dom }: Holder,
): Promise<readonly string[]> {
  const { checkpoints } = await hypervisor.call('DOMAIN_LIST_ALL_CHECKPOINTS', { dom }, ctx)
  return checkpoints.map(({ name }) => name)
}

/** What cannot be deleted because the domain is off is kept in mind: the next backup does it. */
export async function deleteCheckpoint(ctx: OperationContext, holder: Holder, name: string): Promise<void> {
  const isGone = await tryToDelete(ctx, holder, name)
  const owed = owedCheckpoints(ctx).filter((one) => one !== name)
  keepOwed(ctx, isGone ? owed : [...owed, name])
  if (!isGone)
    ctx.log.warning(
      `Libvirt deletes no checkpoint of a domain that is off: '${name}' is deleted with the next backup of '${holder.dom.name}'`,
    )
}

/** Those that an earlier deletion had to leave. */
export async function deleteOwed(ctx: OperationContext, holder: Holder): Promise<void> {
  for (const name of owedCheckpoints(ctx)) await deleteCheckpoint(ctx, holder, name)
}

/** Forgets it alone: what it kept of the disks' changes is gone with the disks. */
export async function forgetCheckpoint(
  ctx: Pick<OperationContext, 'signal'>,
  { hypervisor, dom }: Holder,
  name: string,
): Promise<void> {
  const checkpoint = { name, dom }
  await hypervisor
    .call('DOMAIN_CHECKPOINT_DELETE', { checkpoint, flags: snapshotDelete.metadataOnly }, ctx)
    .catch((thrown: unknown) => {
      if (!hasCode(thrown, 'NO_DOMAIN_CHECKPOINT', 'NO_DOMAIN')) throw thrown
    })
}

async function tryToDelete(ctx: OperationContext, holder: Holder, name: string): Promise<boolean> {
  const { hypervisor, dom } = holder
  try {
    // A domain that is off is refused before anybody looks whether there is such a checkpoint.
    const { checkpoint } = await hypervisor.call('DOMAIN_CHECKPOINT_LOOKUP_BY_NAME', { dom, name }, ctx)
    await hypervisor.call('DOMAIN_CHECKPOINT_DELETE', { checkpoint }, ctx)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'NO_DOMAIN_CHECKPOINT', 'NO_DOMAIN')) return true
    if (hasCode(thrown, 'OPERATION_UNSUPPORTED')) return false
    // Its bitmap is lost, so that only the name is left.
    if (!hasCode(thrown, 'INTERNAL_ERROR', 'CHECKPOINT_INCONSISTENT')) throw thrown
    await forgetCheckpoint(ctx, holder, name)
    return true
  }
}
