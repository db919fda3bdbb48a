// The life of a storage pool: create defines it, configure makes its folder, start lets it run, also after a restart of the
// hypervisor. Delete forgets it; its folder goes only when it was made for it and is empty.
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { hasCode } from '../client/errors.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Pool } from '../client/structs.ts'
import { resourceSnapshotApply } from '../resource/apply.ts'
import { createResource, ownResource } from '../resource/create.ts'
import { forget } from '../resource/identity.ts'
import { resourceSnapshotCreate, resourceSnapshotDelete } from '../resource/snapshot.ts'
import { parseXml } from '../xml/parse.ts'
import { pools } from './kind.ts'

/** On record when configure made the folder of the pool. */
const madeFolder = 'made_folder'

export const poolCreate = operation({
  async run(ctx, inputs) {
    await createResource(ctx, pools, { ...inputs })
  },
})

export const poolConfigure = operation({
  async run(ctx, inputs) {
    const own = await ownResource(ctx, pools, { ...inputs })
    if (own === undefined) return
    const { hypervisor, handle: pool } = own
    if (await isThere(ctx, hypervisor, pool)) return
    if (await isFolder(ctx, hypervisor, pool)) ctx.instance.runtimeProperties[madeFolder] = true
    // Durable before it is made: who comes after a crash would take it for one that was there.
    await ctx.save()
    await hypervisor.call('STORAGE_POOL_BUILD', { pool }, { signal: ctx.signal })
    ctx.log.info(`Built pool ${pool.name}`)
  },
})

export const poolStart = operation({
  async run(ctx, inputs) {
    const own = await ownResource(ctx, pools, { ...inputs })
    if (own === undefined) return
    await pools.start(ctx, own.hypervisor, own.handle)
    await pools.setAutostart(ctx, own.hypervisor, own.handle, true)
    ctx.log.info(`Started pool ${own.handle.name}`)
  },
})

export const poolStop = operation({
  async run(ctx, inputs) {
    const own = await ownResource(ctx, pools, { ...inputs })
    if (own === undefined) return
    await pools.stop(ctx, own.hypervisor, own.handle)
    ctx.log.info(`Stopped pool ${own.handle.name}`)
  },
})

export const poolDelete = operation({
  async run(ctx, inputs) {
    const own = await ownResource(ctx, pools, { ...inputs })
    if (own) {
      const { hypervisor, handle: pool } = own
      await pools.stop(ctx, hypervisor, pool)
      if (ctx.instance.runtimeProperties[madeFolder] === true) await removeFolder(ctx, hypervisor, pool)
      await hypervisor.call('STORAGE_POOL_UNDEFINE', { pool }, { signal: ctx.signal }).catch((thrown: unknown) => {
        if (!hasCode(thrown, 'NO_STORAGE_POOL')) throw thrown
      })
      ctx.log.info(`Deleted pool ${pool.name}`)
    }
    forget(ctx)
    delete ctx.instance.runtimeProperties[madeFolder]
  },
})

export const poolSnapshotCreate = resourceSnapshotCreate(pools)
export const poolSnapshotApply = resourceSnapshotApply(pools)
export const poolSnapshotDelete = resourceSnapshotDelete(pools)

/** A pool that starts has all it needs. */
async function isThere(ctx: OperationContext, hypervisor: Hypervisor, pool: Pool): Promise<boolean> {
  try {
    await pools.start(ctx, hypervisor, pool)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'SYSTEM_ERROR', 'INTERNAL_ERROR')) return false
    throw thrown
  }
}

async function isFolder(ctx: OperationContext, hypervisor: Hypervisor, pool: Pool): Promise<boolean> {
  const { xml } = await pools.read(ctx, hypervisor, pool)
  return parseXml(xml, `the pool '${pool.name}'`).attributes['type'] === 'dir'
}

async function removeFolder(ctx: OperationContext, hypervisor: Hypervisor, pool: Pool): Promise<void> {
  await hypervisor.call('STORAGE_POOL_DELETE', { pool }, { signal: ctx.signal }).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'SYSTEM_ERROR', 'INTERNAL_ERROR', 'NO_STORAGE_POOL')) throw thrown
    ctx.log.warning(`Something is left in the folder of pool ${pool.name}, and stays there`)
  })
}
