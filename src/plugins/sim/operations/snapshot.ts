// Snapshots of a simulated node: cut and settle, put back, delete.
import { Type } from '../../../kernel/schema.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { cutOperation, operation, type Part } from '../../contract/operation.ts'
import { request } from '../client.ts'
import type { SimCallName } from '../cloud/behaviour.ts'
import type { SimCloud } from '../cloud/cloud.ts'
import { takeSnapshot, type SnapshotRecord } from '../cloud/snapshots.ts'
import { afterEffect, missing } from '../errors.ts'
import { settingsOf } from '../settings.ts'

const inputs = Type.Object({ snapshot_incremental: Type.Optional(Type.Boolean()) })

export const simSnapshotCreate = cutOperation({
  inputs,
  async cut(ctx, { snapshot_incremental: isIncremental = true }) {
    const { cutTime, settleTime } = settingsOf(ctx)
    const found = await ctx.once({
      lookUp: (key) => listed(ctx, key),
      create: (key) =>
        request(ctx, {
          name: 'snapshot.create',
          key,
          work: cutTime,
          effect(cloud) {
            const wanted = { key, node: ctx.instance.id, isIncremental, cutTime, settleTime }
            const taken = takeSnapshot(cloud.state, wanted, { now: cloud.now, number: cloud.nextNumber() })
            if (!taken) throw missing('snapshot any more with the key', key)
            return taken
          },
        }),
    })
    // Found again, it may still be capturing. The cloud's clock tells, ours may be wrong.
    const looking = ctx.until(
      () => progressOf(ctx, 'snapshot.watch', found.id),
      ({ isCaptured }) => isCaptured,
      Math.max(1, cutTime),
    )
    await looking.catch((thrown: unknown) => {
      throw afterEffect(thrown)
    })
    return receiptOf(found)
  },
  async settle(ctx, receipt) {
    const { snapshot } = await ctx.until(
      () => progressOf(ctx, 'snapshot.get', receipt.providerId),
      ({ isSettled }) => isSettled,
      Math.max(100, settingsOf(ctx).settleTime / 4),
    )
    return { ...receiptOf(snapshot), bytes: snapshot.bytes, digest: `${snapshot.id}@${snapshot.capturedFrom}` }
  },
  async verify(ctx, part: Part) {
    const found = await request(ctx, { name: 'snapshot.get', effect: (cloud) => snapshotOf(cloud, part.providerId) })
    if (!found) return { isUsable: false, isMissing: true, reason: 'the cloud does not have it' }
    return { isUsable: true, isMissing: false, reason: null }
  },
})

/** The same in one piece, as scripts do it: settled before anybody goes on. */
export const simSnapshotWhole = operation({
  inputs,
  async run(ctx, given) {
    return simSnapshotCreate.settle(ctx, await simSnapshotCreate.cut(ctx, given), given)
  },
})

export const simSnapshotApply = operation({
  async run(ctx) {
    const id = providerIdOf(ctx.part)
    if (id === undefined) throw missing('snapshot', `of ${ctx.instance.id}`)
    await request(ctx, {
      name: 'snapshot.apply',
      work: settingsOf(ctx).cutTime,
      effect(cloud, guest) {
        if (!snapshotOf(cloud, id)) throw missing('snapshot', id)
        guest.restoredFrom = id
        guest.restoredAt = cloud.now
      },
    })
  },
})

export const simSnapshotDelete = operation({
  async run(ctx) {
    const id = providerIdOf(ctx.part)
    await request(ctx, {
      name: 'snapshot.delete',
      work: settingsOf(ctx).workTime,
      effect({ state }) {
        // By what the catalog holds; else by the key of the operation that may have made it. What is gone is gone.
        const gone = state.snapshots.filter((one) => (id === undefined ? one.key === ctx.operation.key : one.id === id))
        state.spent.push(...gone.map((one) => one.key))
        state.snapshots = state.snapshots.filter((one) => !gone.includes(one))
      },
    })
  },
})

// A list of the cloud shows what is new only after a while.
function listed(ctx: OperationContext, key: string): Promise<SnapshotRecord | undefined> {
  return request(ctx, {
    name: 'snapshot.list',
    key,
    effect: (cloud) =>
      cloud.state.snapshots.find((one) => one.key === key && one.capturedFrom + cloud.behaviour.listDelay <= cloud.now),
  })
}

interface Progress {
  readonly snapshot: SnapshotRecord
  readonly isCaptured: boolean
  readonly isSettled: boolean
}

async function progressOf(ctx: OperationContext, name: SimCallName, id: string): Promise<Progress> {
  return request(ctx, {
    name,
    effect(cloud) {
      const snapshot = snapshotOf(cloud, id)
      if (!snapshot) throw missing('snapshot', id)
      const { now } = cloud
      return { snapshot, isCaptured: snapshot.capturedTo <= now, isSettled: snapshot.settledAt <= now }
    },
  })
}

function snapshotOf({ state }: SimCloud, id: string): SnapshotRecord | undefined {
  return state.snapshots.find((one) => one.id === id)
}

function receiptOf(snapshot: SnapshotRecord) {
  const { id, parentId } = snapshot
  return { kind: 'sim.snapshot', providerId: id, ...(parentId === null ? {} : { parentId }) }
}

function providerIdOf(part: Json | undefined): string | undefined {
  const id = isJsonObject(part) ? part['providerId'] : undefined
  return typeof id === 'string' ? id : undefined
}
