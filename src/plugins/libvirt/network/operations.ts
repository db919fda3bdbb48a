// The life of a network: create makes it persistent and lets it run, also after a restart of the hypervisor.
import { operation } from '../../contract/operation.ts'
import { hasCode } from '../client/errors.ts'
import { resourceSnapshotApply } from '../resource/apply.ts'
import { createResource, ownResource } from '../resource/create.ts'
import { forget } from '../resource/identity.ts'
import { resourceSnapshotCreate, resourceSnapshotDelete } from '../resource/snapshot.ts'
import { networks } from './kind.ts'

export const networkCreate = operation({
  async run(ctx, inputs) {
    const made = await createResource(ctx, networks, { ...inputs })
    if (made === undefined) return
    await networks.setAutostart(ctx, made.hypervisor, made.handle, true)
    await networks.start(ctx, made.hypervisor, made.handle)
    ctx.log.info(`Started network ${made.handle.name}`)
  },
})

export const networkDelete = operation({
  async run(ctx, inputs) {
    const own = await ownResource(ctx, networks, { ...inputs })
    if (own) {
      const { hypervisor, handle: net } = own
      await networks.stop(ctx, hypervisor, net)
      await hypervisor.call('NETWORK_UNDEFINE', { net }, { signal: ctx.signal }).catch((thrown: unknown) => {
        // A transient one is gone when it stops.
        if (!hasCode(thrown, 'NO_NETWORK')) throw thrown
      })
      ctx.log.info(`Deleted network ${net.name}`)
    }
    forget(ctx)
  },
})

export const networkSnapshotCreate = resourceSnapshotCreate(networks)
export const networkSnapshotApply = resourceSnapshotApply(networks)
export const networkSnapshotDelete = resourceSnapshotDelete(networks)
