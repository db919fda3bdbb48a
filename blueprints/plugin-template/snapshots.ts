// Snapshots of a box: cut, settle, verify, apply, delete. What is deleted is what the catalog recorded, never a name.
import { createHash } from 'node:crypto'
import { cutOperation, fault, operation, type OperationContext } from 'fermata'
import { pathOf } from './lifecycle.ts'
import { deleteSnapshot, digestOf, existingBox, readBox, readSnapshot, writeBox, writeSnapshot } from './provider.ts'

/** The same on every attempt of one piece of work, and no other's: what to name or mark provider objects with. */
const idOf = (ctx: OperationContext): string =>
  createHash('sha256').update(ctx.operation.key).digest('hex').slice(0, 16)

export const snapshotCreate = cutOperation({
  /** The node stands still while this runs: only the instant belongs here. */
  async cut(ctx) {
    const box = await existingBox(pathOf(ctx))
    const providerId = await ctx.once({
      // After a lost answer: what an earlier attempt made.
      lookUp: async () => ((await readSnapshot(pathOf(ctx), idOf(ctx))) === undefined ? undefined : idOf(ctx)),
      create: async () => {
        await writeSnapshot(pathOf(ctx), idOf(ctx), box.data)
        return idOf(ctx)
      },
    })
    return { kind: 'box-snapshot', providerId }
  },
  /** The node runs again: here belong uploads and waiting. It resolves when the part was read back as usable. */
  async settle(ctx, receipt) {
    const data = await readSnapshot(pathOf(ctx), receipt.providerId)
    if (data === undefined) throw fault('operation.failed', { message: 'the snapshot is gone', retry: 'never' })
    return { ...receipt, bytes: Buffer.byteLength(data), digest: digestOf(data) }
  },
  async verify(ctx, part) {
    const data = await readSnapshot(pathOf(ctx), part.providerId)
    if (data === undefined) return { isUsable: false, isMissing: true, reason: 'the box does not have it any more' }
    const isUsable = digestOf(data) === part.digest
    return { isUsable, isMissing: false, reason: isUsable ? null : 'its digest is another one' }
  },
})

export const snapshotApply = operation({
  async run(ctx) {
    const { providerId, digest } = partOf(ctx)
    const data = await readSnapshot(pathOf(ctx), providerId)
    if (data === undefined || digestOf(data) !== digest)
      throw fault('operation.failed', { message: `snapshot ${providerId} is missing or damaged`, retry: 'never' })
    const box = (await readBox(pathOf(ctx))) ?? { power: 'running' as const, frozenUntil: 0 }
    await writeBox(pathOf(ctx), { ...box, data })
  },
})

/** Without a part this takes back a cut of the same piece of work, in a backup that failed. */
export const snapshotDelete = operation({
  run: (ctx) => deleteSnapshot(pathOf(ctx), ctx.part === undefined ? idOf(ctx) : partOf(ctx).providerId),
})

/** `digest` is missing while a cut has not settled. */
function partOf({ part }: OperationContext): { readonly providerId: string; readonly digest: string | undefined } {
  const { providerId, digest } = (part ?? {}) as { providerId?: string; digest?: string }
  if (typeof providerId === 'string') return { providerId, digest }
  throw fault('operation.failed', { message: 'the backup has no part of this box', retry: 'never' })
}
