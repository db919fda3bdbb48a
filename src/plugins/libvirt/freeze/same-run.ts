// Tells whether a domain still runs as it did when it was frozen: one that was started anew since does not stand still.
import type { OperationContext } from '../../contract/context.ts'
import type { Domain } from '../client/structs.ts'

const property = 'frozen_domain_id'
const deadmanProperty = 'frozen_deadman'

/** Durable before the freeze: whoever thaws may be another process. */
export async function rememberRun(ctx: OperationContext, { id }: Domain): Promise<void> {
  ctx.instance.runtimeProperties[property] = id
  await ctx.save()
}

/** Durable with the run, before the freeze: tells that freeze from a later one of somebody else. */
export function rememberDeadman(ctx: Pick<OperationContext, 'instance'>, id: string): void {
  ctx.instance.runtimeProperties[deadmanProperty] = id
}

/** True when it may still stand still by the freeze that this deadman was armed for. */
export function mayStandStillUnder(ctx: Pick<OperationContext, 'instance'>, dom: Domain, deadman: string): boolean {
  return mayStandStill(ctx, dom) && ctx.instance.runtimeProperties[deadmanProperty] === deadman
}

/** True when it may still stand still by our freeze. One that was never frozen, or runs anew, does not. */
export function mayStandStill(ctx: Pick<OperationContext, 'instance'>, { id }: Domain): boolean {
  return ctx.instance.runtimeProperties[property] === id
}

/** After the thaw, and when a freeze certainly came to nothing. */
export function forgetRun(ctx: Pick<OperationContext, 'instance'>): void {
  delete ctx.instance.runtimeProperties[property]
  delete ctx.instance.runtimeProperties[deadmanProperty]
}
