// Lets a domain go on that stands still: from its pause, from sleep, or from its saved memory.
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { hasCode } from '../client/errors.ts'
import type { NodeDomain } from './domain-of.ts'
import { hasSavedMemory, inWords, isOff, type StateOfDomain } from './state.ts'

/** The caller reads back what comes of it. @throws Fault `libvirt.cannot` when there is nothing to go on from */
export async function goOn(ctx: OperationContext, place: NodeDomain, found: StateOfDomain): Promise<void> {
  const { hypervisor, dom } = place
  const { signal } = ctx
  if (isOff(found) && !(await hasSavedMemory(ctx, place))) throw cannot(place, found, 'resumed')
  const calls = isOff(found) ? hypervisor : hypervisor.urgent
  const name = isOff(found) ? 'DOMAIN_CREATE' : found.state === 'pm-suspended' ? 'DOMAIN_PM_WAKEUP' : 'DOMAIN_RESUME'
  await unlessDone(calls.call(name, { dom }, { signal }))
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
