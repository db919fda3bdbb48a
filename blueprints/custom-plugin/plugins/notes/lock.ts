// Freezing a notebook: a lock that ends by itself. Who writes looks at it, so it needs nobody to take it away in time.
import { freezeOperation, thawOperation, type Deadman, type OperationContext } from 'fermata'
import { join } from 'node:path'
import { folderOf, remove, replaceText, textOf } from './notebook.ts'

const lockOf = (ctx: OperationContext): string => join(folderOf(ctx), 'lock')
const leaseOf = (ctx: OperationContext): string => join(folderOf(ctx), 'lease')

/** A lock counts only until its lease ends. */
export async function isLocked(ctx: OperationContext): Promise<boolean> {
  if ((await textOf(lockOf(ctx))) === undefined) return false
  return ctx.world.clock.now() < Number((await textOf(leaseOf(ctx))) ?? 0)
}

// The deadman comes first: from here on the lease ends whatever becomes of us.
const deadman: Deadman = {
  kind: 'platform',
  async arm(ctx, { token, lease }) {
    const until = ctx.world.clock.now() + lease
    await replaceText(leaseOf(ctx), String(until))
    return { token, until }
  },
  async disarm(ctx, handle) {
    await remove(leaseOf(ctx))
    const until = Number(handle['until'])
    return { firedAt: ctx.world.clock.now() < until ? null : until }
  },
}

export const lock = freezeOperation({
  deadman,
  freeze: (ctx) => replaceText(lockOf(ctx), ctx.operation.key),
})

export const unlock = thawOperation({
  thaw: (ctx) => remove(lockOf(ctx)),
})
