// What is frozen, or about to be. This process knows it by node instance; in which run of which machine the instance itself
// remembers: one that was started anew, or came out of a copy, does not stand still.
import type { OperationContext } from '../../contract/context.ts'
import type { Duration } from '../../../kernel/duration.ts'
import { instanceName } from '../../ssh/deadman/handle.ts'
import type { MachineGuestHandle } from './handle.ts'

type Owner = Pick<OperationContext, 'stateDirectory' | 'deployment' | 'instance'>

interface Armed {
  readonly handle: MachineGuestHandle
  /** When the lease ends, on the clock that nobody sets. */
  readonly end: Duration
}

const armed = new Map<string, Armed>()
const frozen = new Set<string>()
const property = 'frozen_run'

export const armedHere = (ctx: Owner): Armed | undefined => armed.get(instanceName(ctx))

export function setArmed(ctx: Owner, handle: MachineGuestHandle, end: Duration): void {
  armed.set(instanceName(ctx), { handle, end })
}

/** A deadman that was armed since stays. */
export function forgetArmed(ctx: Owner, { id }: Pick<MachineGuestHandle, 'id'>): void {
  if (armedHere(ctx)?.handle.id === id) armed.delete(instanceName(ctx))
}

/** True from the freeze to the thaw: a snapshot must not wait for what stands still. */
export const isFrozenHere = (ctx: Owner): boolean => frozen.has(instanceName(ctx))

/** Durable before the freeze: whoever thaws may be another process. */
export async function markFrozen(ctx: OperationContext, run: string): Promise<void> {
  frozen.add(instanceName(ctx))
  ctx.instance.runtimeProperties[property] = run
  await ctx.save()
}

export function markThawed(ctx: Owner): void {
  frozen.delete(instanceName(ctx))
  delete ctx.instance.runtimeProperties[property]
}

/** The run that may stand still; undefined: none. */
export function frozenRun(ctx: Pick<OperationContext, 'instance'>): string | undefined {
  const run = ctx.instance.runtimeProperties[property]
  return typeof run === 'string' ? run : undefined
}
