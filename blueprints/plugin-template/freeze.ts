// Freezing a box. The deadman comes first: once it is armed the box runs again when the lease ends, whatever becomes of us.
import { freezeOperation, thawOperation, type Deadman } from 'fermata'
import { pathOf } from './lifecycle.ts'
import { existingBox, readBox, writeBox } from './provider.ts'

// Here the box looks at the clock itself. Where the platform has no such limit, start a process in the guest or beside
// the hypervisor that waits for the lease, checks its token and thaws: kind 'guest' or 'host'.
const deadman: Deadman = {
  kind: 'platform',
  async arm(ctx, { token, lease, maximum = lease }) {
    const now = ctx.world.clock.now()
    ctx.instance.runtimeProperties['frozenUntil'] = now + lease
    return { token, until: now + lease, latest: now + maximum }
  },
  async extend(ctx, handle, lease) {
    const until = Math.min(ctx.world.clock.now() + lease, Number(handle['latest']))
    const box = await existingBox(pathOf(ctx))
    if (box.frozenUntil > 0) await writeBox(pathOf(ctx), { ...box, frozenUntil: until })
    ctx.instance.runtimeProperties['frozenUntil'] = until
    return { ...handle, until }
  },
  async disarm(ctx, handle) {
    const until = Number(handle['until'])
    return { firedAt: ctx.world.clock.now() < until ? null : until }
  },
}

export const freeze = freezeOperation({
  deadman,
  async freeze(ctx) {
    const box = await existingBox(pathOf(ctx))
    await writeBox(pathOf(ctx), { ...box, frozenUntil: Number(ctx.instance.runtimeProperties['frozenUntil']) })
  },
})

/** Thawing what is not frozen is no error. */
export const thaw = thawOperation({
  async thaw(ctx) {
    const box = await readBox(pathOf(ctx))
    if (box) await writeBox(pathOf(ctx), { ...box, frozenUntil: 0 })
  },
})
