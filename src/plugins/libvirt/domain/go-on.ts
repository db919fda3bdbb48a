// Lets a domain go on that stands still: from its pause, from sleep, or from its saved memory.
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { hasCode } from '../client/errors.ts'
import type { NodeDomain } from './domain-of.ts'
import { hasSavedMemory, inWords, isOff, isRunning, stateOf, type StateOfDomain } from './state.ts'

/** The caller reads back what comes of it. @throws Fault `libvirt.cannot` when there is nothing to go on from */
export async function goOn(ctx: OperationContext, place: NodeDomain, found: StateOfDomain): Promise<void> {
  const { hypervisor, dom } = place
  const { signal } = ctx
  if (isOff(found) && !(await hasSavedMemory(ctx, place))) throw cannot(place, found, 'resumed')
  if (isOff(found)) await unlessDone(hypervisor.call('DOMAIN_CREATE', { dom }, { signal }))
  else if (found.state === 'pm-suspended')
    return unlessDone(hypervisor.urgent.call('DOMAIN_PM_WAKEUP', { dom }, { signal }))
  // One whose memory was saved while it was paused comes back so.
  if (!isRunning(await stateOf(ctx, place)))
    await unlessDone(hypervisor.urgent.call('DOMAIN_RESUME', { dom }, { signal }))
}

/** Somebody may have been faster, and then libvirt calls it an error. */
export async function unlessDone(call: Promise<unknown>): Promise<void> {
  await call.catch((thrown: unknown) => {
    if (!hasCode(thrown, 'OPERATION_INVALID')) throw thrown
  })
}

export function cannot({ dom }: NodeDomain, found: StateOfDomain, wanted: string): Error {
  return fault('libvirt.cannot', { details: { name: dom.name, wanted, state: inWords(found) } })
}
